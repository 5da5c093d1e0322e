import { setTimeout as wait } from 'node:timers/promises';
import type { ChaosLab } from '../chaos-lab.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { Victim } from '../victim.ts';
import type { Fault } from './fault.ts';

/** Longer than a job's lock of 8 s, so that others take the frozen worker's rows. */
const FROZEN_MS = { min: 9_000, max: 13_000 };

/** The grace is 1 s; the rest is for a busy machine. */
const LONGEST_STOP_MS = 60_000;

export const WORKER_FAULTS: readonly Fault[] = [
  { weight: 6, strike: killWorker },
  { weight: 2, strike: killAllWorkers },
  { weight: 2, strike: freezeWorker },
  { weight: 3, strike: stopWorker },
  { weight: 2, strike: stopWorkerImpatiently },
  { weight: 2, strike: stepClock },
];

export const someWorker = (lab: ChaosLab, random: SeededRandom): Victim => {
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

export async function expectToStop(
  lab: ChaosLab,
  worker: Victim,
  signal: NodeJS.Signals,
): Promise<void> {
  const hasStopped = await worker.end(signal, LONGEST_STOP_MS);
  if (!hasStopped)
    throw new Error(`worker ${worker.pid} did not stop within ${LONGEST_STOP_MS} ms of ${signal}`);
  lab.note(`worker ${worker.pid} ended`);
}

/** Until it has loaded its shifted clock, the signal would kill it. */
async function stepClock(lab: ChaosLab, random: SeededRandom): Promise<void> {
  const worker = someWorker(lab, random);
  if (worker.log.length === 0) return;
  lab.note(`the clock of worker ${worker.pid} steps by an hour`);
  worker.signal('SIGUSR2');
}
