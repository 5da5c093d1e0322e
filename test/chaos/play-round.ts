import { setTimeout as wait } from 'node:timers/promises';
import { type Batch, countPending } from '../../src/lib/core/batch/batch.ts';
import type { Stores } from '../../src/library/wiring/stores.ts';
import type { ChaosLab } from './chaos-lab.ts';
import { contradictions, readRows } from './check/evidence.ts';
import { costOfFailovers, isDuringFailover, tooExpensive } from './check/failover-cost.ts';
import { unexplainedOrphans } from './check/orphans.ts';
import { strikeOnce } from './faults/strike-once.ts';
import type { SeededRandom } from './seeded-random.ts';

/** Without faults, no ended row for this long means that rows are stuck; how long all take depends on the machine. */
const LONGEST_STANDSTILL_MS = 300_000;
const PEACEFUL_LOOK_MS = 250;
const LOOKS_PER_NOTE = 80;
const PAUSE_MS = { min: 300, max: 4_000 };

/** One batch from its manifest to its report; returns contradictions, one sentence each. */
export async function playRound(
  lab: ChaosLab,
  random: SeededRandom,
  { rows, round, untilMs }: { rows: number; round: number; untilMs: number },
): Promise<string[]> {
  const batchId = `chaos-${round}`;
  await lab.writeManifest(random);
  lab.note(`round ${round}: ${rows} rows`);
  lab.fillWorkers();
  const problems = random.next() < 0.5 ? await cancelInTheMiddle(lab, batchId, rows) : [];
  if (problems.length > 0) return problems;
  await importUnderFire(lab, random, batchId);
  lab.note(`imported as ${batchId}`);
  while (Date.now() < untilMs && !(await hasEnded(lab, batchId))) {
    await wait(random.between(PAUSE_MS.min, PAUSE_MS.max));
    await strikeOnce(lab, random, batchId);
  }
  lab.note('left in peace');
  return await settle(lab, batchId, rows);
}

const LOOK_MS = 2;

/**
 * Cancels a batch of which only some rows are stored, while its producer is frozen. The import must not end as if the
 * batch was complete.
 */
async function cancelInTheMiddle(lab: ChaosLab, batchId: string, rows: number): Promise<string[]> {
  await using stores = await lab.openStores();
  const producer = lab.startImport(batchId);
  const read = (): Promise<Batch | null> => stores.store.readBatch(batchId);
  while ((await read()) === null && !producer.hasExited) await wait(LOOK_MS);
  producer.signal('SIGSTOP');
  const batch = await read();
  await lab.spawn(['cancel', batchId]).ended();
  producer.signal('SIGCONT');
  const code = await producer.ended();
  if (batch === null || batch.rows >= rows) return [];
  lab.note(`cancelled after ${batch.rows} imported rows: the import ended with ${code}`);
  if (code !== 0) {
    lab.phase.cancelledImports += 1;
    return [];
  }
  // It may have found the batch cancelled before its first row, and have stored all rows as cancelled.
  const after = await read();
  const isWhole = after?.isReadToEnd === true && after.rows === rows;
  return isWhole ? [] : [`the import of ${batchId} was cancelled, lacks rows and ended with 0`];
}

/** Producers are killed, started in pairs, or have their batch cancelled, until one finishes. */
async function importUnderFire(
  lab: ChaosLab,
  random: SeededRandom,
  batchId: string,
): Promise<void> {
  for (let tries = random.between(1, 4); tries > 0; tries -= 1) {
    const producers = [lab.startImport(batchId)];
    if (random.next() < 0.4) producers.push(lab.startImport(batchId));
    const afterMs = random.between(400, 2_000);
    lab.note(`${producers.length} producers, one is killed after ${afterMs} ms`);
    if (random.next() < 0.3) await strikeOnce(lab, random, null);
    await wait(afterMs);
    if (random.next() < 0.4) {
      lab.note('cancel during the import');
      await lab.spawn(['cancel', batchId]).ended();
    }
    producers[0]?.signal('SIGKILL');
    const ends = await Promise.all(producers.map((producer) => producer.ended()));
    lab.note(`producers ended: ${ends.join(', ')}`);
  }
  await lab.import(batchId);
  await lab.retryCancelled(batchId);
}

async function hasEnded(lab: ChaosLab, batchId: string): Promise<boolean> {
  await using stores = await lab.openStores();
  const batch = await stores.store.readBatch(batchId);
  return batch !== null && batch.state !== 'importing' && countPending(batch.counts) === 0;
}

/** Without faults, everything must end; then the records are compared with what happened. */
async function settle(lab: ChaosLab, batchId: string, rows: number): Promise<string[]> {
  // The end of the import may have been lost; repeating the command repairs that.
  if (lab.mayLoseWrites) await lab.import(batchId);
  await using stores = await lab.openStores();
  const batch = await untilEnded(lab, stores, batchId);
  if (batch === null) return [`batch ${batchId} is gone`];
  if (countPending(batch.counts) > 0) {
    return [
      `not ended in peace: ${JSON.stringify(batch.counts)}`,
      ...(await leftOver(stores, batch)),
    ];
  }
  lab.note(`ended: ${JSON.stringify(batch.counts)}, possible orphans ${batch.possibleOrphans}`);
  if (batch.rows !== rows) return [`${batch.rows} rows, not ${rows}`];
  await lab.noticeFailover();
  const ledger = lab.sandbox.ledger();
  const ended = await readRows(stores, batch);
  const costs = costOfFailovers(lab.failovers, ended, ledger.calls);
  const forgotten = unexplainedOrphans(batch, ended, ledger.calls);
  for (const sentence of forgotten) lab.note(`not counted: ${sentence}`);
  for (const { what, firstCall, lastCall } of forgotten.length > 0 ? lab.failovers : []) {
    lab.note(`calls ${firstCall} to ${lastCall} met a failover: ${what}`);
  }
  lab.phase.forgotten += forgotten.length;
  lab.phase.batches += 1;
  lab.phase.rows += rows;
  lab.phase.possibleOrphans += batch.possibleOrphans;
  lab.phase.failovers.push(...costs);
  return [
    ...tooExpensive(costs, rows),
    ...(await contradictions(
      stores,
      batch,
      ledger,
      lab.hasPowerCuts ? null : isDuringFailover(lab.failovers),
    )),
  ];
}

/**
 * The state when every row has ended, or nothing moves any more. Workers that leave because a busy machine did not let
 * them reach Redis in time are started again, as by a supervisor.
 */
async function untilEnded(
  lab: ChaosLab,
  { store }: Stores,
  batchId: string,
): Promise<Batch | null> {
  let fewest = Number.POSITIVE_INFINITY;
  let movedAtMs = Date.now();
  for (let looks = 1; ; looks += 1) {
    lab.fillWorkers();
    const batch = await store.readBatch(batchId);
    if (batch === null) return null;
    const pending = countPending(batch.counts);
    if (batch.state !== 'importing' && pending === 0) return batch;
    if (pending < fewest) movedAtMs = Date.now();
    fewest = Math.min(fewest, pending);
    if (Date.now() - movedAtMs > LONGEST_STANDSTILL_MS) return batch;
    if (looks % LOOKS_PER_NOTE === 0) lab.note(`${pending} rows are left`);
    await wait(PEACEFUL_LOOK_MS);
  }
}

/** The states of rows that did not end. */
async function leftOver(stores: Stores, batch: Batch): Promise<string[]> {
  const { redis, keys, queues, gateStore, store } = stores;
  const underWay = await redis.hgetall(keys.underWay(batch.id));
  const view = await store.readDispatch(batch.id);
  return [
    `${batch.state}, cursor ${view?.cursor}, epoch ${view?.epoch}, handed back ${view?.handedBack}`,
    `under way: ${JSON.stringify(Object.entries(underWay).slice(0, 10))}`,
    `gate: ${JSON.stringify((await gateStore.read()).gate)}`,
    ...(await Promise.all(
      (['dispatch', 'probe', 'init-selection'] as const).map(
        async (stage) => `${stage}: ${JSON.stringify(await queues.countJobs(stage))}`,
      ),
    )),
  ];
}
