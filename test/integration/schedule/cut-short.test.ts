import { expect, test } from 'vitest';
import { planSchedule } from '../../../src/worker/schedules/plan-schedule.ts';
import { runSchedule } from '../../../src/worker/schedules/run-schedule.ts';
import { NightLab } from './night-lab.ts';

const DAY_MS = 86_400_000;
const ROWS = Array.from({ length: 1_200 }, (_, n) => `clip-${n}`);
const FIRST = 'nightly-20261101-020000';
const SECOND = 'nightly-20261102-020000';

/** Two nights with the same manifest; the second begins when 500 rows of the first are stored. */
async function cutShort(unchanged: 'run' | 'skip'): Promise<NightLab> {
  const lab = await NightLab.open();
  const schedule = await lab.set({ zone: 'UTC', overlap: 'cancel-previous', unchanged });
  await lab.put('clips.csv', ROWS);
  lab.nowMs = Date.parse('2026-11-01T02:00Z');
  await planSchedule(lab.context, 'nightly');
  const append = lab.store.appendChunk.bind(lab.store);
  let isFirst = true;
  lab.store.appendChunk = async (...given) => {
    const isTaken = await append(...given);
    if (!isFirst) return isTaken;
    isFirst = false;
    lab.nowMs += DAY_MS;
    await planSchedule(lab.context, 'nightly');
    await runSchedule(lab.context, schedule, lab.nowMs);
    return isTaken;
  };
  await runSchedule(lab.context, schedule, lab.nowMs);
  return lab;
}

test.each(['run', 'skip'] as const)(
  'a run that the next one cuts short says that rows are missing, and the next one takes all of them (--unchanged %s)',
  async (unchanged) => {
    const lab = await cutShort(unchanged);
    expect(await lab.story()).toEqual([
      '11-01T02:00 → 11-01T02:00: finished (cancelled)',
      '11-02T02:00 → 11-02T02:00: running',
    ]);
    const [first] = await lab.runs();
    expect(first).toMatchObject({ manifestSha256: null, counts: { cancelled: 500 } });
    expect(first?.reason?.sentence).toContain('The manifest was not read to its end: 500 rows');
    expect(await lab.store.readBatch(FIRST)).toMatchObject({ isReadToEnd: false, rows: 500 });
    expect(await lab.store.readBatch(SECOND)).toMatchObject({ isReadToEnd: true, rows: 1_200 });
  },
);

test('a run whose batch the next one cancelled is repeated, although its manifest is unchanged', async () => {
  const lab = await NightLab.open();
  await lab.set({ zone: 'UTC', overlap: 'cancel-previous', unchanged: 'skip' });
  await lab.put('clips.csv', ['a', 'b']);
  await lab.passUntil('2026-11-02T02:02:00Z');
  expect(await lab.story()).toEqual([
    '11-01T02:00 → 11-01T02:00: finished (cancelled)',
    '11-02T02:00 → 11-02T02:00: running',
  ]);
});
