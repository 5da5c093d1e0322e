import { stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { ChaosLab } from './chaos-lab.ts';
import { misplacedSessions } from './evidence.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { Victim } from './victim.ts';

/** Longer than a job's lock of 8 s, so that others take the frozen worker's rows. */
const FROZEN_MS = { min: 9_000, max: 13_000 };

interface Fault {
  weight: number;
  strike: (lab: ChaosLab, random: SeededRandom, batchId: string | null) => Promise<void>;
}

const FAULTS: readonly Fault[] = [
  { weight: 6, strike: killWorker },
  { weight: 2, strike: killAllWorkers },
  { weight: 2, strike: freezeWorker },
  { weight: 3, strike: stopWorker },
  { weight: 2, strike: stopWorkerImpatiently },
  { weight: 3, strike: killRedis },
  { weight: 1, strike: freezeRedis },
  { weight: 2, strike: stopWorkerWithoutRedis },
  { weight: 2, strike: pauseAndResume },
  { weight: 2, strike: cancelAndRetry },
  { weight: 1, strike: importAgain },
  { weight: 2, strike: replaceBatch },
];

const REMOVALS = 40;
const POWER_CUT_SHARE = 0.15;

/** Causes one random fault; afterwards the lab has its workers again. */
export async function strikeOnce(
  lab: ChaosLab,
  random: SeededRandom,
  batchId: string | null,
): Promise<void> {
  if (lab.hasPowerCuts && random.next() < POWER_CUT_SHARE) await cutPower(lab);
  let dice = random.next() * FAULTS.reduce((sum, { weight }) => sum + weight, 0);
  const fault = FAULTS.find(({ weight }) => {
    dice -= weight;
    return dice < 0;
  });
  await fault?.strike(lab, random, batchId);
  lab.fillWorkers();
}

const someWorker = (lab: ChaosLab, random: SeededRandom): Victim => {
  const [first, ...others] = lab.workers;
  if (first === undefined) throw new Error('there is no worker');
  return random.pick([first, ...others]);
};

async function killWorker(lab: ChaosLab, random: SeededRandom): Promise<void> {
  const worker = someWorker(lab, random);
  lab.note(`SIGKILL worker ${worker.pid}`);
  await worker.end('SIGKILL');
}

async function killAllWorkers(lab: ChaosLab, random: SeededRandom): Promise<void> {
  const pauseMs = random.between(0, 2_000);
  lab.note(`SIGKILL every worker, ${pauseMs} ms without any`);
  await Promise.all(lab.workers.map((worker) => worker.end('SIGKILL')));
  await wait(pauseMs);
}

/** Two at once in one case of three, so that a frozen worker's rows can be frozen again. */
async function freezeWorker(lab: ChaosLab, random: SeededRandom): Promise<void> {
  const frozenMs = random.between(FROZEN_MS.min, FROZEN_MS.max);
  const frozen = new Set([someWorker(lab, random)]);
  if (random.next() < 0.33) frozen.add(someWorker(lab, random));
  lab.note(`SIGSTOP worker ${[...frozen].map(({ pid }) => pid).join(', ')} for ${frozenMs} ms`);
  for (const worker of frozen) worker.signal('SIGSTOP');
  await wait(frozenMs);
  lab.note('SIGCONT');
  for (const worker of frozen) worker.signal('SIGCONT');
}

async function stopWorker(lab: ChaosLab, random: SeededRandom): Promise<void> {
  const worker = someWorker(lab, random);
  const signal = random.pick(['SIGTERM', 'SIGINT']);
  lab.note(`${signal} worker ${worker.pid}`);
  await expectToStop(lab, worker, signal);
}

async function stopWorkerImpatiently(lab: ChaosLab, random: SeededRandom): Promise<void> {
  const worker = someWorker(lab, random);
  const signal = random.pick(['SIGTERM', 'SIGINT']);
  lab.note(`${signal} twice, worker ${worker.pid}`);
  worker.signal(signal);
  await wait(random.between(0, 300));
  await expectToStop(lab, worker, signal);
}

/** The grace is 1 s; the rest is for a busy machine. */
async function expectToStop(lab: ChaosLab, worker: Victim, signal: NodeJS.Signals): Promise<void> {
  const hasStopped = await worker.end(signal, 15_000);
  if (!hasStopped) throw new Error(`worker ${worker.pid} did not stop within 15 s of ${signal}`);
  lab.note(`worker ${worker.pid} ended`);
}

async function killRedis(lab: ChaosLab, random: SeededRandom): Promise<void> {
  const awayMs = random.between(0, 4_000);
  lab.note(`SIGKILL Redis, away for ${awayMs} ms`);
  await lab.redis.kill();
  await wait(awayMs);
  await lab.redis.restart();
  lab.note('Redis is there again');
}

async function stopWorkerWithoutRedis(lab: ChaosLab, random: SeededRandom): Promise<void> {
  const worker = someWorker(lab, random);
  lab.note(`SIGKILL Redis, SIGTERM worker ${worker.pid} meanwhile`);
  await lab.redis.kill();
  await wait(random.between(0, 1_000));
  await expectToStop(lab, worker, 'SIGTERM');
  await lab.redis.restart();
  lab.note('Redis is there again');
}

/** What was written within the last second is lost, as with `appendfsync everysec` when the machine dies. */
async function cutPower(lab: ChaosLab): Promise<void> {
  const file = join(lab.redis.folder, 'appendonlydir', 'appendonly.aof.1.incr.aof');
  const { size } = await stat(file);
  await wait(900);
  lab.note('power cut: Redis loses the last 900 ms');
  await lab.redis.kill();
  await truncate(file, size);
  await lab.redis.restart();
  lab.note('Redis is there again');
}

async function freezeRedis(lab: ChaosLab, random: SeededRandom): Promise<void> {
  const frozenMs = random.between(500, FROZEN_MS.max);
  lab.note(`SIGSTOP Redis for ${frozenMs} ms`);
  lab.redis.signal('SIGSTOP');
  await wait(frozenMs);
  lab.redis.signal('SIGCONT');
}

async function pauseAndResume(
  lab: ChaosLab,
  random: SeededRandom,
  batchId: string | null,
): Promise<void> {
  if (batchId === null) return;
  const pausedMs = random.between(0, 1_500);
  lab.note(`pause, resume after ${pausedMs} ms`);
  await lab.spawn(['pause', batchId]).ended();
  await wait(pausedMs);
  await lab.spawn(['resume', batchId]).ended();
}

/** The cancellation may be killed in the middle: then workers finish it. */
async function cancelAndRetry(
  lab: ChaosLab,
  random: SeededRandom,
  batchId: string | null,
): Promise<void> {
  if (batchId === null) return;
  const afterMs = random.between(300, 1_500);
  lab.note(`cancel, killed after ${afterMs} ms; retry what was cancelled`);
  const cancelling = lab.spawn(['cancel', batchId]);
  await Promise.race([cancelling.ended(), wait(afterMs)]);
  await cancelling.end('SIGKILL');
  await lab.spawn(['retry', batchId, '--status', 'cancelled']).ended();
}

async function importAgain(
  lab: ChaosLab,
  _random: SeededRandom,
  batchId: string | null,
): Promise<void> {
  if (batchId === null) return;
  lab.note('import the same manifest again');
  await lab.startImport(batchId).ended();
}

/**
 * Another manifest with the same id, while jobs, delayed rows and a frozen worker's calls of the old one still exist.
 */
async function replaceBatch(
  lab: ChaosLab,
  random: SeededRandom,
  batchId: string | null,
): Promise<void> {
  if (batchId === null) return;
  const frozen = random.next() < 0.5 ? someWorker(lab, random) : null;
  lab.note(`remove ${batchId}, import another manifest under its id; frozen: ${frozen?.pid}`);
  frozen?.signal('SIGSTOP');
  await lab.spawn(['cancel', batchId]).ended();
  await expectOwnSessions(lab, batchId);
  if (await removeBatch(lab, batchId)) {
    await lab.writeManifest(random);
    await lab.import(batchId);
  } else {
    lab.note('not removed');
    await lab.spawn(['retry', batchId, '--status', 'cancelled']).ended();
  }
  frozen?.signal('SIGCONT');
}

async function expectOwnSessions(lab: ChaosLab, batchId: string): Promise<void> {
  await using stores = await lab.openStores();
  const batch = await stores.store.readBatch(batchId);
  const found = batch && (await misplacedSessions(stores, batch, () => lab.sandbox.ledger()));
  if (found && found.length > 0) throw new Error(found.join('\n'));
}

/** A batch can be removed once its calls have ended; other workers find those of a frozen worker to be lost. */
async function removeBatch(lab: ChaosLab, batchId: string): Promise<boolean> {
  for (let tries = 1; tries <= REMOVALS; tries += 1) {
    if ((await lab.spawn(['batches', 'rm', batchId]).ended()) === 0) return true;
    await wait(500);
  }
  return false;
}
