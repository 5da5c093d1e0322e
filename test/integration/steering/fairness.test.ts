import { describe, expect, it } from 'vitest';
import { SlowMotion } from './slow-motion.ts';
import { hasEnded, isCompleted, Workshop } from './workshop.ts';

it('a batch of twenty rows ends long before the three thousand rows that came first', async () => {
  const workshop = await Workshop.open();
  await using _worker = await workshop.startWorker();
  await workshop.import('big', 3_000);
  await workshop.until('big', hasEnded(100));
  await workshop.import('small', 20);
  const before = await workshop.ended('big');
  await workshop.until('small', isCompleted);
  expect((await workshop.ended('big')) - before).toBeLessThan(1_500);
  expect(await workshop.problems('small')).toEqual([]);
});

describe('at 20 rows/s', () => {
  const SPEED = { concurrency: 20, latencyMs: 1_000 };

  it('a batch of 20 rows beside a big one is finished within 30 s', async () => {
    const workshop = await Workshop.open(SPEED);
    const time = new SlowMotion(workshop, SPEED);
    await time.begin('big', 2_000);
    await time.pass(30_000);
    const startMs = time.nowMs;
    await time.begin('small', 20);
    await time.untilEnded('small');
    expect(time.nowMs - startMs).toBeLessThan(15_000);
    // The big batch had its share meanwhile, and no slot of the API stayed empty for fairness.
    const rowsEnded = await workshop.ended('big');
    expect(rowsEnded + 20).toBeGreaterThan(((time.nowMs - startMs) / 1_000 + 28) * 20);
  });

  it.each([
    ['at once', 0],
    ['one after the other', 1_000],
  ])(
    'three equal batches that begin %s progress within 10 % of each other',
    async (_how, apartMs) => {
      const workshop = await Workshop.open(SPEED);
      const time = new SlowMotion(workshop, SPEED);
      const ids = ['one', 'two', 'three'];
      for (const id of ids) {
        await time.begin(id, 600);
        await time.pass(apartMs);
      }
      // The batch that looks first fills the queue, because no other is there yet; the others catch up.
      await time.pass(15_000);
      for (let moment = 0; moment < 3; moment += 1) {
        await time.pass(10_000);
        const ended = await Promise.all(ids.map((id) => workshop.ended(id)));
        expect(Math.min(...ended)).toBeGreaterThan(0.9 * Math.max(...ended));
      }
    },
  );

  it('four times the priority is four times the share, and the other batch continues', async () => {
    const workshop = await Workshop.open(SPEED);
    const time = new SlowMotion(workshop, SPEED);
    await time.begin('urgent', 2_000, 40);
    await time.begin('patient', 2_000, 10);
    const count = (): Promise<number[]> =>
      Promise.all([workshop.ended('urgent'), workshop.ended('patient')]);
    await time.pass(15_000);
    const [urgent = 0, patient = 0] = await count();
    await time.pass(30_000);
    const [urgentLater = 0, patientLater = 0] = await count();
    const share = (urgentLater - urgent) / (patientLater - patient);
    expect(share).toBeGreaterThan(3.6);
    expect(share).toBeLessThan(4.4);
  });
});
