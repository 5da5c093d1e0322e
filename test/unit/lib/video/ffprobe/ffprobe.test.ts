import { setMaxListeners } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type FfprobeRun, runFfprobe } from '../../../../../src/lib/video/ffprobe/ffprobe.ts';
import { writeFfprobeLauncher } from '../../../../../src/lib/video/ffprobe/launcher.ts';
import { ffprobePath } from '../../../../corpus/bad-servers.ts';
import { makeCorpus } from '../../../../corpus/make-corpus.ts';

const { signal } = new AbortController();
// Many runs follow it at once.
setMaxListeners(0, signal);
let folder: string;
let corpus: string;
let scripts = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kling-sessions-ffprobe-test-'));
  corpus = await makeCorpus(['moov-last.mp4', 'webm.mp4']);
}, 120_000);
afterAll(() => rm(folder, { recursive: true }));

/** Launches a script in ffprobe's place. `$PIDS` is a file to write process ids to. */
async function launchScript(
  body: string,
  options: { timeoutMs?: number; signal?: AbortSignal } = {},
) {
  scripts += 1;
  const script = join(folder, `script-${scripts}`);
  const pidFile = join(folder, `pids-${scripts}`);
  await writeFile(script, `#!/bin/sh\nPIDS='${pidFile}'\n${body}\n`);
  await chmod(script, 0o755);
  const run = launch(script, 'file.mp4', options);
  return { run, pids: () => readPids(pidFile) };
}

function launch(
  program: string,
  file: string,
  options: { timeoutMs?: number; signal?: AbortSignal } = {},
): Promise<FfprobeRun> {
  scripts += 1;
  const path = join(folder, `launcher-${scripts}`);
  writeFfprobeLauncher(path, program);
  const { timeoutMs = 10_000 } = options;
  return runFfprobe(file, { path, timeoutMs }, options.signal ?? signal);
}

async function readPids(file: string): Promise<number[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').filter(Boolean).map(Number);
}

/** A process that has ended and waits for its parent to notice counts as ended. */
async function isRunning(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z');
  return !/\) [ZX]/.test(status);
}

test("ffprobe's output is returned as it is printed", async () => {
  const run = await launch(ffprobePath, join(corpus, 'moov-last.mp4'));
  expect(run).toMatchObject({
    kind: 'data',
    data: { streams: [{ codec_name: 'h264', width: 1280 }, { codec_name: 'aac' }] },
  });
});

test('ffprobe reads only MP4 and MOV, and says why', async () => {
  const run = await launch(ffprobePath, join(corpus, 'webm.mp4'));
  expect(run).toEqual({ kind: 'refused', reason: expect.stringMatching(/^Invalid data/) });
});

test('ffprobe opens no address', async () => {
  const run = await launch(ffprobePath, 'http://127.0.0.1:9/clip.mp4');
  expect(run).toEqual({
    kind: 'refused',
    reason: expect.stringMatching(/whitelist|Invalid argument/),
  });
});

describe('program that behaves badly', () => {
  test.each<[string, string, FfprobeRun]>([
    ['crashes', 'kill -SEGV $$', { kind: 'crashed', signal: 'SIGSEGV' }],
    ['is killed', 'kill -KILL $$', { kind: 'crashed', signal: 'SIGKILL' }],
    ['gives up', 'echo "cannot go on" >&2; exit 1', { kind: 'refused', reason: 'cannot go on' }],
    ['prints for ever', 'exec yes', { kind: 'refused', reason: 'it printed too much' }],
    ['complains for ever', 'exec yes >&2', { kind: 'refused', reason: 'it printed too much' }],
  ])('a program that behaves badly is reported: it %s', async (_sentence, body, expected) => {
    const { run } = await launchScript(body);
    expect(await run).toEqual(expected);
  });

  test('a program that does not exist is reported', async () => {
    const run = await launch(join(folder, 'nothing'), 'file.mp4');
    expect(run).toMatchObject({ kind: 'unavailable' });
  });

  test('its memory is limited', async () => {
    const { run } = await launchScript('ulimit -v >&2; exit 1');
    expect(await run).toEqual({ kind: 'refused', reason: String(2 * 1024 * 1024) });
  });
});

describe('time-out and abort', () => {
  const HANG = 'echo $$ >> $PIDS; sleep 300 & echo $! >> $PIDS; wait';

  test('a time-out and an abort kill the whole process group', async () => {
    const { run, pids } = await launchScript(HANG, { timeoutMs: 500 });
    expect(await run).toEqual({ kind: 'timeout' });
    expect(await pids()).toHaveLength(2);
    for (const pid of await pids()) {
      await vi.waitFor(async () => expect(await isRunning(pid)).toBe(false));
    }
  });

  test('an abort rejects with its reason', async () => {
    const controller = new AbortController();
    const { run, pids } = await launchScript(HANG, { signal: controller.signal });
    await vi.waitFor(async () => expect(await pids()).toHaveLength(2), { timeout: 5_000 });
    controller.abort(new Error('stop'));
    await expect(run).rejects.toThrow('stop');
    for (const pid of await pids()) {
      await vi.waitFor(async () => expect(await isRunning(pid)).toBe(false));
    }
  });

  test('a signal that was aborted before starts nothing', async () => {
    const { run, pids } = await launchScript(HANG, {
      signal: AbortSignal.abort(new Error('stop')),
    });
    await expect(run).rejects.toThrow('stop');
    expect(await pids()).toEqual([]);
  });
});

test('many run side by side, each with its own answer', async () => {
  const runs = await Promise.all(
    Array.from({ length: 12 }, (_, index) =>
      index % 2 === 0
        ? launch(ffprobePath, join(corpus, 'moov-last.mp4'))
        : launch(ffprobePath, join(corpus, 'webm.mp4')),
    ),
  );
  expect(runs.map(({ kind }) => kind)).toEqual(
    Array.from({ length: 12 }, (_, index) => (index % 2 === 0 ? 'data' : 'refused')),
  );
});
