import { setMaxListeners } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setInterval as every } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseAllowHosts } from '../../../../src/lib/network/allow-hosts.ts';
import { createProber, type HttpProberOptions } from '../../../../src/lib/video/http-prober.ts';
import {
  ffprobePath,
  type Handler,
  outcome,
  probeServer,
  ranged,
  send,
} from '../../../corpus/bad-servers.ts';
import { box, growMoov } from '../../../corpus/box-surgery.ts';
import { endlessFile } from '../../../corpus/endless-boxes.ts';
import { makeCorpus } from '../../../corpus/make-corpus.ts';
import { listen } from '../../../corpus/serve-files.ts';
import { collectGarbage } from '../../collect-garbage.ts';

const MB = 1024 * 1024;
/** Locks last 8 s and are renewed after 4 s: a thread that is blocked for longer loses them. */
const LONGEST_STOP_MS = 1_000;
const { signal } = new AbortController();
setMaxListeners(0, signal);
let clip: Buffer;

beforeAll(async () => {
  const folder = await makeCorpus(['moov-last.mp4']);
  clip = await readFile(join(folder, 'moov-last.mp4'));
}, 120_000);

/** Probes one address many times at once. */
async function probeMany(
  handler: Handler,
  count: number,
  options: Partial<HttpProberOptions> = {},
) {
  await using server = await listen(handler);
  await using prober = await createProber({
    ffprobePath,
    allowHosts: parseAllowHosts('127.0.0.1'),
    ...options,
  });
  const probes = Array.from({ length: count }, (_, index) =>
    prober.probe(server.url(`${index}.mp4`), { signal }),
  );
  return [...new Set((await Promise.all(probes)).map(outcome))];
}

/**
 * The longest CPU time between two turns of a timer: how long the thread is blocked, whatever else the machine does.
 */
async function longestStopMs(work: () => Promise<unknown>): Promise<number> {
  let longestMs = 0;
  let last = process.cpuUsage();
  const timer = setInterval(() => {
    const { user, system } = process.cpuUsage(last);
    last = process.cpuUsage();
    longestMs = Math.max(longestMs, (user + system) / 1_000);
  }, 5);
  await work().finally(() => clearInterval(timer));
  return longestMs;
}

describe('tiny boxes without end', () => {
  const TOO_MANY = /^too_many_boxes: the file has more than 20000 boxes$/;

  test.each([
    ['of 8 bytes, by ranges', Buffer.from(box('free')), { ranges: true }, TOO_MANY],
    ['of 24 bytes, by ranges', box('free', Buffer.alloc(16)), { ranges: true }, TOO_MANY],
    ['of 8 bytes, from front to back', Buffer.from(box('free')), { ranges: false }, TOO_MANY],
    [
      'of 30 KB, from front to back',
      box('free', Buffer.alloc(30_000)),
      { ranges: true },
      /^too_large: /,
    ],
  ])(
    'tiny boxes without end, %s, end the row for good, and stop nothing else',
    async (_what, repeated, how, expected) => {
      let outcomes: string[] = [];
      const stopMs = await longestStopMs(async () => {
        outcomes = await probeMany(endlessFile(repeated, how), 6);
      });
      expect(outcomes).toEqual([expect.stringMatching(expected)]);
      expect(stopMs).toBeLessThan(LONGEST_STOP_MS);
    },
    60_000,
  );

  test('inside moov end the row for good', async () => {
    const filling = Buffer.concat(Array(500_000).fill(box('free')));
    const file = Buffer.concat([box('ftyp', Buffer.from('isom\0\0\0\0')), box('moov', filling)]);
    const expected = /^too_many_boxes: its moov box has more than 20000 boxes$/;
    expect(outcome(await probeServer(ranged(() => file)))).toMatch(expected);
    expect(outcome(await probeServer(send(200, {}, file)))).toMatch(expected);
  });
});

describe('large headers', () => {
  /** Buffers that are held now. */
  const heldBytes = (): number => {
    collectGarbage();
    return process.memoryUsage().arrayBuffers;
  };

  /** The peak of buffers above their size at the start. */
  async function peakBytes(work: () => Promise<unknown>): Promise<number> {
    // Buffers that the first collection finds unused are freed by the second.
    collectGarbage();
    const before = heldBytes();
    let peak = 0;
    const done = new AbortController();
    const watching = (async () => {
      for await (const _ of every(25, undefined, { signal: done.signal })) {
        // Collecting takes long in a process that has loaded much, and cannot find more than there is.
        if (process.memoryUsage().arrayBuffers - before <= peak) continue;
        peak = Math.max(peak, heldBytes() - before);
      }
    })().catch(() => undefined);
    await work();
    done.abort();
    await watching;
    return peak;
  }

  test.each([
    ['by ranges', (file: Buffer): Handler => ranged(() => file)],
    ['from front to back', (file: Buffer): Handler => send(200, {}, file)],
  ])(
    'large headers of many clips at once, read %s, keep to the memory budget',
    async (_how, serve) => {
      const file = growMoov(clip, Buffer.alloc(15 * MB));
      let outcomes: string[] = [];
      const peak = await peakBytes(async () => {
        outcomes = await probeMany(serve(file), 8, { memoryBytes: 48 * MB });
      });
      expect(outcomes).toEqual(['video']);
      expect(peak).toBeLessThan(60 * MB);
    },
    120_000,
  );

  test('large headers that exceed the whole budget are read one at a time', async () => {
    const file = growMoov(clip, Buffer.alloc(12 * MB));
    expect(
      await probeMany(
        ranged(() => file),
        4,
        { memoryBytes: 16 * MB },
      ),
    ).toEqual(['video']);
  }, 60_000);

  test('large headers wait for memory outside the time limit of a probe', async () => {
    const file = growMoov(clip, Buffer.alloc(5 * MB));
    const slowly: Handler = (request, response) =>
      void setTimeout(() => ranged(() => file)(request, response), 150);
    const options = { memoryBytes: 16 * MB, timeoutMs: 1_500 };
    expect(await probeMany(slowly, 6, options)).toEqual(['video']);
  }, 60_000);
});
