import { setTimeout as wait } from 'node:timers/promises';
import type { ChaosLab } from '../chaos-lab.ts';
import { misplacedSessions } from '../check/evidence.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { Fault } from './fault.ts';
import { someWorker } from './worker-faults.ts';

const REMOVALS = 40;

export const BATCH_FAULTS: readonly Fault[] = [
  { weight: 2, strike: pauseAndResume },
  { weight: 2, strike: cancelAndRetry },
  { weight: 1, strike: importAgain },
  { weight: 2, strike: replaceBatch },
];

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
