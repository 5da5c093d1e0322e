import { EventEmitter, once } from 'node:events';
import { Redis } from 'ioredis';
import { expect, vi } from 'vitest';
import { klingManifest, test, type Workplace } from '../e2e/e2e-test.ts';
import { startTcpProxy } from './tcp-proxy.ts';

/** Two chunks. */
const ROWS = 501;

/** Where an import that continues a batch is killed: around one of its writes. */
interface Point {
  /** The write, by what only it sends, and how often that was sent before. Earlier batches of the table are read. */
  write: (text: string, earlier: string) => RegExpExecArray | null;
  nth: number;
  /** Whether Redis has it. */
  isStored: (redis: Redis, batchId: string) => Promise<boolean>;
}

const chunk = (index: number): Point => ({
  write: (text, earlier) =>
    new RegExp(`:batch:(?!(?:${earlier}):)([^:]+):rows:${index}\\r\\n`).exec(text),
  nth: 1,
  isStored: async (redis, id) =>
    Number(await redis.hget(`{kling-sessions}:batch:${id}`, 'chunks')) > index,
});

/** The second time at which the manifest's shape is sent. */
const END: Point = {
  write: (text, earlier) =>
    text.includes('"roles":')
      ? new RegExp(`:batch:(?!(?:${earlier})[:\\r])([^:\\r]+)\\r\\n`).exec(text)
      : null,
  nth: 2,
  isStored: async (redis, id) =>
    (await redis.hget(`{kling-sessions}:batch:${id}`, 'readToEnd')) === '1',
};

const POINTS: [string, Point, isStored: boolean][] = [
  ['before its first chunk is stored', chunk(0), false],
  ['after its first chunk is stored', chunk(0), true],
  ['before its last chunk is stored', chunk(1), false],
  ['after its last chunk is stored', chunk(1), true],
  ['before its end is stored', END, false],
  ['after its end is stored', END, true],
];

/** Runs the command and kills it with SIGKILL at the point; resolves once it is dead. */
async function killAt(
  place: Workplace,
  port: number,
  { point, isStored, earlier }: { point: Point; isStored: boolean; earlier: ReadonlySet<string> },
): Promise<void> {
  const events = new EventEmitter();
  const struck = once(events, 'struck');
  let seen = 0;
  await using proxy = await startTcpProxy(port, {
    inspect: (bytes) => {
      const found = point.write(bytes.toString('latin1'), [...earlier].join('|'));
      if (found === null) return 'pass';
      seen += 1;
      if (seen !== point.nth) return 'pass';
      events.emit('struck', found[1]);
      return isStored ? 'no_answer' : 'hold';
    },
  });
  const env = { REDIS_URL: `redis://127.0.0.1:${proxy.port}` };
  const command = place.start(['import', 'clips.csv', '--continue', 'clips'], { env });
  const ended = command.result().then(({ stderr }) => {
    throw new Error(`it ended before the point: ${stderr}`);
  });
  const [batchId] = await Promise.race([struck, ended]);
  ended.catch(() => undefined);
  const redis = new Redis(port);
  try {
    if (isStored) {
      await vi.waitFor(async () => expect(await point.isStored(redis, batchId)).toBe(true), {
        timeout: 30_000,
      });
    } else expect(await point.isStored(redis, batchId)).toBe(false);
  } finally {
    redis.disconnect();
  }
  command.kill('SIGKILL');
  await ended.catch(() => undefined);
}

test('no row is called twice, wherever an import that continues a batch is killed', async ({
  place,
}) => {
  const { port } = await place.redis();
  const api = await place.api();
  const table = klingManifest(ROWS).split('\n');
  const edit = async (row: number): Promise<void> => {
    table[row] = `row ${row},${200_000_000_000_000_000n + BigInt(row)},784912345678905678`;
    await place.write('clips.csv', table.join('\n'));
  };
  const continued = async (): Promise<string> => {
    const args = ['import', 'clips.csv', '--continue', 'clips', '--wait', '--json'];
    const { stdout, stderr, exitCode } = await place.cli(args);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    return JSON.parse(stdout).batch.id;
  };
  await place.write('clips.csv', table.join('\n'));
  place.start(['worker'], { env: { API_CONCURRENCY: '50' } });
  const earlier = new Set([await continued()]);
  expect(api.calls).toHaveLength(ROWS);

  for (const [index, [name, point, isStored]] of POINTS.entries()) {
    await edit(2 * index + 1);
    await killAt(place, port, { point, isStored, earlier });
    // Either the same command again, or the next correction.
    if (index % 2 === 1) await edit(2 * index + 2);
    earlier.add(await continued());
    const repeated = [...api.callsBySource()].filter(([, calls]) => calls !== 1);
    expect(repeated, name).toEqual([]);
  }
  expect(api.calls).toHaveLength(ROWS + POINTS.length + POINTS.length / 2);
  const last = [...earlier].at(-1) ?? '';
  expect((await place.cli(['verify', last])).stdout).toContain('501 rows = 501 outcomes');
});
