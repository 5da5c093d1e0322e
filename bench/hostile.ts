// Processes 300 good rows with two worker processes, alone and next to 64 hostile videos, in one run, and prints how
// much longer they take: `npm run bench:hostile`. The hostile videos are in the same manifest, or in an earlier
// batch. `--rounds <n>`: default 2.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startHostileServer } from './hostile-server.ts';
import { startBenchRedis } from './lab/bench-redis.ts';
import { type OutsideWorld, startOutsideWorld } from './lab/outside-world.ts';
import {
  memoryPeakOf,
  type RunningProgram,
  runProgram,
  startWorkerProcess,
} from './lab/run-program.ts';

const GOOD_ROWS = 300;
const HOSTILE_ROWS = 64;
const GOAL = 1.5;
const LONGEST_MS = 5 * 60_000;
const API = { apiKey: 'bench', concurrency: 20, latencyMs: 300, fetchMs: 50, videos: GOOD_ROWS };

type Where = 'alone' | 'in the same manifest' | 'in a batch before';

interface Figures {
  seconds: number;
  /** The larger one of the two workers, in MB. */
  peakMb: number;
}

async function measure(where: Where, folder: string): Promise<Figures> {
  await using redis = await startBenchRedis();
  using world = await startOutsideWorld(API);
  using hostile = await startHostileServer();
  const good = Array.from({ length: GOOD_ROWS }, (_, index) => `${world.videoOrigin}/${index}.mp4`);
  const bad = Array.from({ length: HOSTILE_ROWS }, (_, index) => hostile.url(index));
  const environment = {
    REDIS_URL: redis.url,
    COMETAPI_KEY: API.apiKey,
    API_BASE_URL: world.apiBaseUrl,
    API_CONCURRENCY: String(API.concurrency),
    PROBE_ALLOW_HOSTS: '127.0.0.1',
    // Probes that are still running at the end do not matter.
    SHUTDOWN_GRACE: '0s',
  };
  const importRows = async (name: string, urls: string[]): Promise<void> => {
    const path = join(folder, `${name}.csv`);
    await writeFile(path, `video_url\n${urls.join('\n')}\n`);
    // Hostile clips fail at once; with more than half of the first rows failed the batch would pause.
    await runProgram(['import', path, '--max-failures', 'off'], environment);
  };
  await using first = startWorkerProcess(environment);
  await using second = startWorkerProcess(environment);
  if (where === 'in a batch before') await importRows('bad', bad);
  const startedAtMs = Date.now();
  await importRows('good', where === 'in the same manifest' ? mixed(good, bad) : good);
  const lastMs = await whenOpened(world, GOOD_ROWS);
  const peakMb = Math.max(
    ...[first, second].map((worker: RunningProgram) => memoryPeakOf(worker.pid)),
  );
  return { seconds: (lastMs - startedAtMs) / 1_000, peakMb };
}

/** Spreads the bad addresses among the good ones, so that all come before the last good ones. */
function mixed(good: string[], bad: string[]): string[] {
  const step = Math.floor(good.length / bad.length);
  return good.flatMap((url, index) => {
    const other = index % step === 0 ? bad[index / step] : undefined;
    return other === undefined ? [url] : [other, url];
  });
}

async function whenOpened(world: OutsideWorld, rows: number): Promise<number> {
  const lateAtMs = Date.now() + LONGEST_MS;
  for (;;) {
    const { opened, odd, lastMs } = await world.progress();
    if (odd !== null) throw new Error(odd);
    if (opened >= rows) return lastMs;
    if (Date.now() > lateAtMs) throw new Error(`only ${opened} of ${rows} rows in time`);
    await sleep(250);
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '2' } } });
  const seconds: Record<Where, number> = {
    alone: 0,
    'in the same manifest': 0,
    'in a batch before': 0,
  };
  console.log(`${cpus().length} cores, Node ${process.version}`);
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    for (const where of Object.keys(seconds) as Where[]) {
      const folder = await mkdtemp(join(tmpdir(), 'kling-bench-'));
      const figures = await measure(where, folder);
      await rm(folder, { recursive: true });
      seconds[where] += figures.seconds;
      const what = `${GOOD_ROWS} good rows${where === 'alone' ? ' alone' : `, ${HOSTILE_ROWS} hostile clips ${where}`}`;
      console.log(
        `${what}: ${figures.seconds.toFixed(1)} s, a worker held at most ${figures.peakMb} MB`,
      );
    }
  }
  for (const where of ['in the same manifest', 'in a batch before'] as const) {
    const ratio = seconds[where] / seconds.alone;
    const verdict = ratio <= GOAL ? 'reached' : 'missed';
    console.log(
      `hostile clips ${where}: ${ratio.toFixed(2)} times as long as alone (goal ${GOAL}): ${verdict}`,
    );
  }
}

await main();
