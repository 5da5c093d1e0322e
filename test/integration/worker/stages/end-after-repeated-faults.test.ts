import { pino } from 'pino';
import { expect, it } from 'vitest';
import { rowJobOf } from '../../../../src/lib/queue/jobs.ts';
import { endAfterRepeatedFaults } from '../../../../src/worker/stages/work/end-after-repeated-faults.ts';
import { takeRow } from '../../../../src/worker/stages/work/row-work.ts';
import { WorkMeter } from '../../../../src/worker/upkeep/work-meter.ts';
import type { WorkerContext } from '../../../../src/worker/worker-context.ts';
import { ref, SOURCE, withBatch } from '../../../contract/batch-store/examples.ts';
import { NOW_MS, SteeringBench } from '../../store/steering-bench.ts';

const JOB = rowJobOf(ref('batch-1'), 1, SOURCE);

/** A stage that throws each time, in the middle of a call when `isCalling`. */
async function failThreeTimes(bench: SteeringBench, isCalling: boolean): Promise<string[]> {
  await withBatch(bench.store, 1);
  const context = {
    store: bench.store,
    halting: new AbortController().signal,
    log: pino({ level: 'silent' }),
    meter: new WorkMeter(),
    now: () => NOW_MS,
  } as unknown as WorkerContext;
  const stage = endAfterRepeatedFaults(context, async (_, job) => {
    const taken = await takeRow(context, job);
    if (taken.kind === 'taken') await taken.work.advance({ state: 'opening', isCalling });
    throw new Error('a bug at https://a.example/clip.mp4?sig=secret');
  });
  return [(await stage(JOB)).kind, (await stage(JOB)).kind, (await stage(JOB)).kind];
}

it('a row ends after the third fault of our own code, and says so', async () => {
  const bench = new SteeringBench();
  expect(await failThreeTimes(bench, false)).toEqual(['later', 'later', 'done']);
  const [entry] = await bench.entries();
  expect(entry?.result).toMatchObject({ status: 'failed', error: { code: 'internal_error' } });
  expect(JSON.stringify(entry)).not.toContain('secret');
});

it('the call under way counts as a possible session when our own code failed for the last time', async () => {
  const bench = new SteeringBench();
  await failThreeTimes(bench, true);
  const [entry] = await bench.entries();
  expect(entry?.result).toMatchObject({ status: 'unconfirmed', attempts: 1, possibleOrphans: 1 });
  expect(await bench.batch()).toMatchObject({ possibleOrphans: 1, counts: { unconfirmed: 1 } });
});
