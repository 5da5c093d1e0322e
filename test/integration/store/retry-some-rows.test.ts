import { expect, it } from 'vitest';
import { rowsToRefresh, rowsToRetry } from '../../../src/lib/batch/choose-rows.ts';
import { countEffect } from '../../../src/lib/batch/count-effect.ts';
import { cancelBatch, retryRows } from '../../../src/lib/batch/steer-batch.ts';
import type { OutcomeStatus } from '../../../src/lib/core/row/row.ts';
import { parseRowRanges, type RowRanges } from '../../../src/lib/core/row/row-ranges.ts';
import { Queues } from '../../../src/lib/queue/queues.ts';
import { carryOut, previewAct } from '../../../src/lib/requests/batch-acts.ts';
import { countsOf, failed, outcome, ref, withBatch } from '../../contract/batch-store/examples.ts';
import { HOUR_MS, NOW_MS, opened, SteeringBench } from './steering-bench.ts';

const ACT = { who: 'mia@lab', reason: null };

class Lab extends SteeringBench implements AsyncDisposable {
  readonly queues = new Queues(this.redis, this.keys);
  readonly now = (): number => NOW_MS;
  readonly machineZone = (): string => 'UTC';
  readonly day = null;

  async [Symbol.asyncDispose](): Promise<void> {
    await this.queues[Symbol.asyncDispose]();
  }
}

const rowsOf = (...parts: string[]): RowRanges => parseRowRanges(parts) ?? [];
const only = (...statuses: OutcomeStatus[]) => ({ statuses: new Set(statuses), codes: null });
const NAMED = { statuses: null, codes: null };

it('a retry repeats the named rows that have no session, and leaves all others alone', async () => {
  await using lab = new Lab();
  await withBatch(lab.store, 1_200);
  await lab.end(7, failed('x'));
  await lab.end(8, failed('x'));
  await lab.end(12, opened('s12'));
  await lab.end(13, outcome({ status: 'rejected' }));
  await lab.end(1_100, failed('x'));
  const filter = { ...NAMED, rows: rowsOf('7', '12-15', '1100') };

  const effect = await countEffect(lab.store, await lab.batch(), rowsToRetry(filter), NOW_MS);

  expect(effect).toEqual({
    rows: 3,
    live: 0,
    longestLifeMs: 0,
    unclear: 0,
    left: [
      { why: 'has a session', rows: rowsOf('12') },
      { why: 'not ended yet', rows: rowsOf('14-15') },
    ],
  });
  expect(await retryRows(lab, await lab.batch(), filter, ACT)).toEqual(effect);
  expect(await countsOf(lab.store, 'batch-1')).toEqual({ waiting: 1_198, failed: 1, succeeded: 1 });
  expect(await lab.problems()).toEqual([]);
  const [latest] = await lab.steering.readHistory('batch-1');
  expect(latest?.what).toBe('retried 3 rows (of rows 7, 12-15, 1100)');
});

it('a retry repeats some rows of a cancelled batch, whether they had begun or not', async () => {
  await using lab = new Lab();
  await withBatch(lab.store, 700);
  await lab.end(1, opened('s1'));
  await lab.end(2, outcome({ status: 'cancelled' }));
  await cancelBatch(lab, ref('batch-1'), ACT);
  const filter = { ...only('cancelled'), rows: rowsOf('1-3', '600-602') };

  const effect = await countEffect(lab.store, await lab.batch(), rowsToRetry(filter), NOW_MS);

  expect(effect.rows).toBe(5);
  expect(await retryRows(lab, await lab.batch(), filter, ACT)).toEqual(effect);
  expect(await retryRows(lab, await lab.batch(), filter, ACT)).toMatchObject({ rows: 0 });
  expect(await lab.batch()).toMatchObject({
    state: 'running',
    counts: { waiting: 5, cancelled: 694, succeeded: 1 },
  });
  expect(await lab.store.readAgain('batch-1', 9)).toEqual([2, 3, 600, 601, 602]);
  expect(await lab.problems()).toEqual([]);
  const rest = { ...only('cancelled'), rows: null };
  expect(await retryRows(lab, await lab.batch(), rest, ACT)).toMatchObject({ rows: 694 });
  expect(await countsOf(lab.store, 'batch-1')).toEqual({ waiting: 699, succeeded: 1 });
  expect(await lab.problems()).toEqual([]);
});

it('a retry counts sessions that live, and rows that may have one already', async () => {
  await using lab = new Lab();
  await withBatch(lab.store, 6);
  await lab.end(1, opened('s1', 23 * HOUR_MS));
  await lab.end(2, opened('s2', 2 * HOUR_MS));
  await lab.end(3, opened('s3', -HOUR_MS));
  await lab.end(4, { ...failed('lost'), status: 'unconfirmed', possibleOrphans: 2 });
  await lab.end(5, { ...failed('x'), possibleOrphans: 1 });
  await lab.end(6, failed('x'));
  const batch = await lab.batch();
  const count = (choice: Parameters<typeof countEffect>[2]) =>
    countEffect(lab.store, batch, choice, NOW_MS);

  expect(await count(rowsToRetry(only('succeeded')))).toEqual({
    rows: 3,
    live: 2,
    longestLifeMs: 23 * HOUR_MS,
    unclear: 0,
  });
  expect(await count(rowsToRefresh(NOW_MS + 4 * HOUR_MS))).toEqual({
    rows: 2,
    live: 1,
    longestLifeMs: 2 * HOUR_MS,
    unclear: 0,
  });
  expect(await count(rowsToRetry(NAMED))).toMatchObject({ rows: 3, live: 0, unclear: 2 });
});

it('a dry run says what the act would do, and changes nothing', async () => {
  await using lab = new Lab();
  await withBatch(lab.store, 4);
  await lab.end(1, opened('s1', 23 * HOUR_MS));
  await lab.end(2, { ...failed('lost'), status: 'unconfirmed', possibleOrphans: 1 });
  const before = await lab.batch();
  const dry = async (verb: 'retry' | 'refresh' | 'cancel' | 'pause', request: object) =>
    await carryOut(lab, verb, before, { ...request, dryRun: true }, 'mia');
  const retrying = { statuses: ['unconfirmed'], codes: null, rows: null };

  expect(await dry('retry', retrying)).toMatchObject({
    result: { rows: 1, unclear: 1 },
    sentence:
      '1 row will be tried again, with one call. It has no clear answer so far, so a session may exist already: up to 1 more may be opened. Nothing was changed.',
  });
  expect(await dry('refresh', { within: 24 * HOUR_MS })).toMatchObject({
    result: { rows: 1, live: 1 },
    sentence: expect.stringContaining(
      'It has a session that lives, for another 23 h 0 min; 1 more will be opened.',
    ),
  });
  expect(await dry('cancel', {})).toMatchObject({ result: { state: 'running', rows: 2 } });
  expect(await lab.batch()).toEqual(before);
  expect(await lab.steering.readHistory('batch-1')).toEqual([]);
});

it('a retry asks a person before live sessions are doubled, answers are unclear, or over a hundred rows end', async () => {
  await using lab = new Lab();
  await withBatch(lab.store, 102);
  await lab.end(1, failed('x'));
  const ask = async (verb: 'retry' | 'refresh' | 'cancel' | 'pause', request = {}) =>
    (await previewAct(lab, verb, await lab.batch(), request))?.isWeighty;
  const failedOnes = { statuses: null, codes: null, rows: null };

  expect(await ask('pause')).toBeUndefined();
  expect(await ask('retry', failedOnes)).toBe(false);
  expect(await ask('cancel')).toBe(true);
  await lab.end(2, outcome({ status: 'unconfirmed' }));
  expect(await ask('cancel')).toBe(false);
  expect(await ask('retry', failedOnes)).toBe(true);
  await lab.end(3, opened('s3', HOUR_MS));
  expect(await ask('refresh', { within: 30 * 60_000 })).toBe(false);
  expect(await ask('refresh', { within: 2 * HOUR_MS })).toBe(true);
});

it('a retry says which of the named rows it leaves alone, and why', async () => {
  await using lab = new Lab();
  await withBatch(lab.store, 700);
  await lab.end(1, opened('s1'));
  await lab.end(2, outcome({ status: 'invalid' }));
  await lab.end(3, outcome({ status: 'duplicate', duplicateOf: 1 }));
  await lab.end(4, failed('1301'));
  await lab.end(5, failed('1201'));
  await lab.end(6, outcome({ status: 'reused' }));
  const request = { statuses: null, codes: ['1201'], rows: rowsOf('1-7', '499-502') };
  const left =
    'Left alone: rows 1, 6 (have a session), 2 (malformed), 3 (repeats another row), 4 (failed with 1301), 7, 499-502 (not ended yet).';
  const carry = async (dryRun: boolean, asked: object = request) =>
    await carryOut(lab, 'retry', await lab.batch(), { ...asked, dryRun }, 'mia');

  expect(await carry(true)).toMatchObject({
    sentence: `1 row will be tried again, with one call. ${left} Nothing was changed.`,
  });
  expect(await carry(false)).toMatchObject({
    sentence: `1 row of batch-1 queued for retry. ${left}`,
  });
  expect(await carry(false, { ...request, rows: rowsOf('1') })).toMatchObject({
    sentence:
      'No row of batch-1 ended like this; nothing was retried. Left alone: row 1 (has a session).',
  });
  await cancelBatch(lab, ref('batch-1'), ACT);
  expect(await carry(true, { ...request, rows: rowsOf('7') })).toMatchObject({
    sentence: expect.stringContaining('Left alone: row 7 (cancelled).'),
  });
});

it('a retry refuses a row that the batch does not have', async () => {
  await using lab = new Lab();
  await withBatch(lab.store, 3);
  const request = { statuses: null, codes: null, rows: rowsOf('2-4') };
  await expect(carryOut(lab, 'retry', await lab.batch(), request, 'mia')).rejects.toThrow(
    'There is no row 4 in batch batch-1; it has 3 rows.',
  );
});
