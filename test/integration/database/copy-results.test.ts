import { expect, it } from 'vitest';
import type { ManifestRow, ManifestShape } from '../../../src/lib/core/manifest/manifest.ts';
import type { Outcome } from '../../../src/lib/core/row/outcome.ts';
import {
  draft,
  failed,
  NOW_MS,
  outcome,
  ref,
  SHAPE,
  sourceOf,
  withBatch,
} from '../../contract/batch-store/examples.ts';
import { opened } from '../store/steering-bench.ts';
import { DatabaseLab, describeWithPostgres, serverForFile } from './database-lab.ts';

const server = serverForFile();

/** A batch with these rows. */
async function importRows(
  { bench: { store } }: DatabaseLab,
  shape: ManifestShape,
  rows: ManifestRow[],
  outcomes: [number, Outcome][] = [],
  key: string[] | null = null,
): Promise<void> {
  await store.openBatch(draft({ shape, key }), NOW_MS);
  const known = new Map(outcomes);
  await store.appendChunk(ref('batch-1'), { index: 0, rows, outcomes: known, sharedUrls: [] });
  await store.finishImport(ref('batch-1'), shape, NOW_MS + 1);
}

describeWithPostgres('copying results', () => {
  it('the copy has every row that has ended, with all that a report says', async () => {
    await using lab = await DatabaseLab.open(server());
    await withBatch(lab.bench.store, 700, [[5, outcome({ status: 'invalid', ...ERROR })]]);
    await lab.bench.end(600, {
      ...opened('session 600'),
      requestId: 'r-1',
      warnings: ['slow'],
      ...COST,
    });
    await lab.bench.end(2, failed('1301', 'it\'s \\ "quoted", {braced}'));

    await lab.copy();

    expect(await lab.statuses()).toEqual({ 2: 'failed', 5: 'invalid', 600: 'succeeded' });
    expect(await lab.problems()).toEqual([]);
    expect(await lab.select('session_id, cells', 'alive_sessions')).toEqual([
      {
        session_id: 'session 600',
        cells: { name: 'clip 600', video_url: 'https://videos.example/600.mp4' },
      },
    ]);
    expect(await lab.select('id, state, total_rows, counts', 'batches')).toMatchObject([
      { id: 'batch-1', state: 'running', total_rows: 700, counts: { succeeded: 1, waiting: 697 } },
    ]);
  });

  it('the copy has the key of each row of a batch that was imported with key columns', async () => {
    await using lab = await DatabaseLab.open(server());
    const { store } = lab.bench;
    const rows = [
      ['a ', 'b'],
      ['', ''],
      ['', 'c'],
    ].map((cells, index) => ({
      row: index + 1,
      line: index + 2,
      cells,
    }));
    await importRows(
      lab,
      SHAPE,
      rows,
      range(1, 3).map((row) => [row, outcome()]),
      ['Name', 'video_url'],
    );
    await lab.copy();

    expect(await store.readBatch('batch-1')).toMatchObject({ key: ['Name', 'video_url'] });
    expect(await lab.select('key', 'results ORDER BY row_number')).toEqual([
      { key: 'a,b' },
      { key: null },
      { key: ',c' },
    ]);
    expect(await lab.problems()).toEqual([]);
  });

  it('the copy follows a row through retries, and a batch through cancelling', async () => {
    await using lab = await DatabaseLab.open(server());
    await withBatch(lab.bench.store, 1_200);
    await lab.bench.end(1, failed('5001'));
    await lab.copy();
    const outcomes = await lab.bench.store.readOutcomes('batch-1', 0);
    await lab.bench.steering.reopenRows(ref('batch-1'), 0, outcomes);
    await lab.copy();
    expect(await lab.statuses()).toEqual({ 1: 'waiting' });
    await lab.bench.end(1, opened('second'));
    await lab.bench.steering.cancel(ref('batch-1'), 'mistake', NOW_MS);
    await lab.copy();

    const counts = await lab.select('status, count(*)::int', 'results GROUP BY 1 ORDER BY 1');

    expect(counts).toEqual([
      { status: 'cancelled', count: 1_199 },
      { status: 'succeeded', count: 1 },
    ]);
    expect(await lab.problems()).toEqual([]);
  });

  it('a writer that is overtaken stores nothing, and repeats nothing', async () => {
    await using lab = await DatabaseLab.open(server());
    await withBatch(lab.bench.store, 3);
    await lab.bench.end(1, opened('first'));
    const slow = await lab.database.readPlace(await lab.bench.feed.readId());
    expect(await lab.copy(lab.copierOf(lab.open()))).toBe(1);
    await lab.bench.end(2, opened('second'));

    expect(await lab.database.write(slow, { next: slow.position, batches: [], results: [] })).toBe(
      null,
    );
    expect(await lab.copy()).toBe(1);
    expect(await lab.copy()).toBe(0);
    expect(await lab.select('writes::int', 'feeds')).toEqual([{ writes: 2 }]);
  });

  it('the copy keeps a later revision when an earlier one arrives behind it', async () => {
    await using lab = await DatabaseLab.open(server());
    await withBatch(lab.bench.store, 1);
    await lab.bench.end(1, opened('first'));
    await lab.copy();
    const [late] = await lab.database.readRows(ref('batch-1'), 1, 1);
    if (late === undefined) throw new Error('not copied');
    const write = async (sessionId: string, revision: bigint): Promise<void> => {
      const place = await lab.database.readPlace(await lab.bench.feed.readId());
      const results = [lab.database.pack([{ ...late, sessionId, revision }])];
      await lab.database.write(place, { next: place.position, batches: [], results });
    };

    await write('third', late.revision + 2n);
    await write('second', late.revision + 1n);

    expect(await lab.select('session_id', 'results')).toEqual([{ session_id: 'third' }]);
  });

  it('the copy agrees with the batch, whatever several writers do at once', async () => {
    await using lab = await DatabaseLab.open(server());
    await withBatch(lab.bench.store, 300);
    const rows = Array.from({ length: 300 }, (_, index) => index + 1);
    let isDone = false;
    const keepCopying = async (): Promise<void> => {
      const copier = lab.copierOf(lab.open());
      while (!isDone) await lab.copy(copier);
    };
    const copying = [keepCopying(), keepCopying(), keepCopying()];
    for (const row of rows) await lab.bench.end(row, opened(`session ${row}`));
    isDone = true;
    await Promise.all(copying);
    await lab.copy();

    expect(await lab.problems()).toEqual([]);
    const events = await lab.select('event::int - 1 AS events', 'feeds');
    expect(events).toEqual([{ events: await lab.bench.feed.readLatest() }]);
  });

  it('a row that repeats another gets the session of that row, whichever is copied first', async () => {
    await using lab = await DatabaseLab.open(server());
    const repeats = (row: number): [number, Outcome] => [
      row,
      outcome({ status: 'duplicate', duplicateOf: 1 }),
    ];
    await withBatch(lab.bench.store, 1_300, [...range(2, 1_290).map(repeats)]);
    await lab.copy();
    await lab.bench.end(1, opened('shared'));
    await lab.copy();

    const counts = await lab.select('session_id, count(*)::int', 'results GROUP BY 1');
    expect(counts).toEqual([{ session_id: 'shared', count: 1_290 }]);
    expect(await lab.problems()).toEqual([]);
  });

  it('the copy takes whatever a cell may hold, and keeps all digits', async () => {
    await using lab = await DatabaseLab.open(server());
    const shape: ManifestShape = {
      ...SHAPE,
      format: 'jsonl',
      delimiter: null,
      columns: ['a', 'b'],
    };
    const lines = [
      '{"a":784912345678901234,"b":[1,{"c":"x"}]}',
      '{"a":"\\u0000 and \\ud800","b":"é🎬"}',
      '{"a":1e99999,"b":1}',
      `{"a":${'['.repeat(9_000)}${']'.repeat(9_000)}}`,
      `{"a":"${']'.repeat(9_000)}","b":${'['.repeat(9_000)}${']'.repeat(9_000)}}`,
      `{"a":${'9'.repeat(140_000)}}`,
      '{}',
    ];
    const rows = lines.map((line, index) => ({ row: index + 1, line: index + 1, cells: [line] }));
    await importRows(
      lab,
      shape,
      rows,
      range(1, 7).map((row) => [row, outcome()]),
    );
    await lab.copy();

    const stored = await lab.select<{ cells: string | null }>(
      'left(cells::text, 60) AS cells',
      'results ORDER BY row_number',
    );
    expect(stored.map(({ cells }) => cells)).toEqual([
      '{"a": 784912345678901234, "b": [1, {"c": "x"}]}',
      '{"a": "� and �", "b": "é🎬"}',
      '{"a": "1e99999", "b": "1"}',
      expect.stringContaining('{"kling_line": "{'),
      expect.stringContaining('{"kling_line": "{'),
      null,
      '{}',
    ]);
    expect(await lab.problems()).toEqual([]);
  });

  it('the copy names cells as a JSONL report does, and holds bytes that are no text', async () => {
    await using lab = await DatabaseLab.open(server());
    const shape: ManifestShape = { ...SHAPE, columns: ['n\0', 'n\0', ''] };
    const cells = ['a\0b', '\ud83d', 'x', 'beyond'];
    await importRows(lab, shape, [{ row: 1, line: 1, cells, isBinary: true }], [[1, outcome()]]);
    await lab.copy();

    expect(await lab.select('cells', 'results')).toEqual([
      { cells: { 'n�': 'a�b', 'n�_2': '�', column_3: 'x', column_4: 'beyond' } },
    ]);
  });

  it('the copy has batches of before there was a feed once they are asked for, and all again on demand', async () => {
    await using lab = await DatabaseLab.open(server());
    const { bench } = lab;
    await withBatch(bench.store, 3);
    await bench.end(2, opened('session 2'));
    await bench.redis.del(bench.keys.feed, bench.keys.feedSegment(0), bench.keys.feedBatches);
    await bench.redis.hdel(bench.keys.batch('batch-1'), 'feedFrom');
    expect(await lab.copy()).toBe(0);

    await bench.feed.firstEventOf(ref('batch-1'));
    expect(await lab.copy()).toBe(1);
    await lab.server.query(`UPDATE ${lab.schema}.results SET session_id = 'wrong'`);
    expect(await lab.problems()).toEqual(['Batch batch-1, row 2: its sessionId differs.']);
    await lab.database.rewind(await bench.feed.readId());

    expect(await lab.copy(lab.copierOf(lab.open()))).toBe(1);
    expect(await lab.problems()).toEqual([]);
  });

  it('copying stops, and overwrites nothing, where Redis has lost what was copied', async () => {
    await using lab = await DatabaseLab.open(server());
    const { bench } = lab;
    await withBatch(bench.store, 3);
    for (const row of [1, 2, 3]) await bench.end(row, opened(`session ${row}`));
    await lab.copy();
    await bench.redis.hset(bench.keys.feed, 'events', 1);

    await expect(lab.copy()).rejects.toMatchObject({
      kind: 'ahead',
      message: expect.stringContaining('database backfill --again'),
    });
    expect(await lab.statuses()).toEqual({ 1: 'succeeded', 2: 'succeeded', 3: 'succeeded' });
  });

  it('the copy keeps installations apart that share a database', async () => {
    await using lab = await DatabaseLab.open(server());
    await withBatch(lab.bench.store, 1);
    await lab.bench.end(1, opened('one'));
    await lab.copy();
    const id = await lab.bench.feed.readId();
    await lab.bench.redis.hdel(lab.bench.keys.feed, 'id');
    await lab.bench.end(1, opened('one'), sourceOf(1));

    await lab.copy(lab.copierOf(lab.open()));

    expect((await lab.database.readPlace(id)).writes).toBe(1);
    expect(await lab.select('id', 'feeds')).toHaveLength(2);
  });
});

const COST = { cost: { units: 0.35, balance: 0 } };
const ERROR = { error: { code: 'bad_url', message: 'no address' } };

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);
