import { expect } from 'vitest';
import type { Batch } from '../../../src/lib/core/batch/batch.ts';
import type { Outcome } from '../../../src/lib/core/row/outcome.ts';
import { type Continued, findContinued } from '../../../src/producer/continuing/continue-import.ts';
import { importBatch } from '../../../src/producer/import-batch.ts';
import { IMPORT_OPTIONS } from '../../setup/examples/import-options.ts';
import { signal } from '../../unit/producer/manifest/manifest-fixture.ts';
import { type Producer, test, withManifest } from './producer-test.ts';

const NOW_MS = Date.UTC(2026, 4, 31, 12);

const tableOf = (...lines: string[]): string => ['sku,video_url,title', ...lines].join('\n');

const FAILED: Partial<Outcome> = { status: 'failed', error: { code: 'x', message: 'x' } };
const opened = (id: string, lifeMs = 20 * 3_600_000): Partial<Outcome> => ({
  session: { id, expiresAtMs: NOW_MS + lifeMs },
});

async function batchOf({ store }: Producer, id: string): Promise<Batch> {
  const batch = await store.readBatch(id);
  if (batch === null) throw new Error(`no batch ${id}`);
  return batch;
}

/** The first table: row 1 has a session, rows 2 and 3 failed. */
async function importBroken(producer: Producer): Promise<void> {
  const lines = [
    'A,https://a.example/1.mp4,one',
    'B,https://a.example/wrong.mp4,two',
    'C,https://a.example/3.mp4,three',
  ];
  await producer.importNew(tableOf(...lines), { batchId: 'clips' });
  await producer.end('clips', 1, opened('s1'));
  for (const row of [2, 3]) await producer.end('clips', row, FAILED);
}

/** Continues the batch and returns each row's session; null for one that is called. */
async function continueWith(
  producer: Producer,
  content: string,
  { key = null, continues = 'clips' }: { key?: string[] | null; continues?: string } = {},
): Promise<{ id: string; sentences: string[]; sessions: (string | null)[] }> {
  return await withManifest(content, async (manifest) => {
    const context = { ...producer, now: () => NOW_MS, signal };
    const request = { continues, key, isFresh: false, origin: null };
    const succession = { ...context, countWorkers: async () => 0 };
    const found: Continued = await findContinued(
      { ...context, who: 'anna' },
      manifest,
      IMPORT_OPTIONS,
      request,
      succession,
    );
    if (found.kind === 'refused') throw new Error(found.sentence);
    const result = await importBatch(context, manifest, { ...IMPORT_OPTIONS, ...found.options });
    if (result.kind !== 'imported') throw new Error(result.kind);
    const { id, rows } = result.batch;
    const outcomes = await producer.store.readOutcomes(id, 0);
    const sessions = Array.from({ length: rows }, (_, at) => outcomes.get(at + 1)?.session?.id);
    return { id, sentences: found.sentences, sessions: sessions.map((session) => session ?? null) };
  });
}

const CORRECTED = [
  'A,https://a.example/1.mp4,one',
  'B,https://a.example/2.mp4,two',
  'C,https://a.example/3.mp4,three',
];

/** A batch of the corrected row 2. */
async function mend(producer: Producer, end: Partial<Outcome>): Promise<void> {
  const line =
    'https://a.example/2.mp4?X-Amz-Date=20260531T120000Z&X-Amz-Expires=60&X-Amz-Signature=1,two,B';
  await producer.importNew(['video_url,title,sku', line].join('\n'), {
    batchId: 'fixes',
    mends: 'clips',
  });
  await producer.end('fixes', 1, end);
}

test.for([{ key: null }, { key: ['sku'] }])(
  'a table keeps the sessions of the batches that mend it, with %o',
  async ({ key }, { producer }) => {
    await importBroken(producer);
    await mend(producer, opened('s2'));
    const next = await continueWith(producer, tableOf(...CORRECTED), { key });
    expect(next.sessions).toEqual(['s1', 's2', null]);
    expect(next.sentences).toEqual([
      'clips includes 1 session of fixes.',
      expect.stringContaining('2 rows are unchanged and keep their sessions, 1 had no session'),
    ]);
    const kept = await producer.store.readOutcomes(next.id, 0);
    expect(kept.get(2)).toMatchObject({
      status: 'reused',
      keptFrom: { batchId: 'fixes', row: 1 },
    });
  },
);

test('a row whose address is still the wrong one is called', async ({ producer }) => {
  await importBroken(producer);
  await mend(producer, opened('s2'));
  const [first = '', , third = ''] = CORRECTED;
  const table = tableOf(first, 'B,https://a.example/wrong.mp4,another title', third);
  const next = await continueWith(producer, table, { key: ['sku'] });
  expect(next.sessions).toEqual(['s1', null, null]);
});

test('a session of a mend that is over, or that matches no row of the table, is treated as such', async ({
  producer,
}) => {
  await importBroken(producer);
  await mend(producer, opened('s2', -1));
  await producer.importNew(tableOf('D,https://a.example/4.mp4,four'), {
    batchId: 'more',
    mends: 'clips',
  });
  await producer.end('more', 1, opened('s4'));
  const table = tableOf('D,https://a.example/4.mp4,four', ...CORRECTED);
  const next = await continueWith(producer, table);
  expect(next.sessions).toEqual(['s4', 's1', null, null]);
});

test('the table after the next one still keeps them, and finds those of a batch that the table continued', async ({
  producer,
}) => {
  await importBroken(producer);
  await mend(producer, opened('s2'));
  const other = [...CORRECTED, 'D,https://a.example/4.mp4,four'];
  const wrong = other.with(1, 'B,https://a.example/wrong.mp4,two');
  const second = await continueWith(producer, tableOf(...wrong));
  expect(second.sessions).toEqual(['s1', null, null, null]);
  const third = await continueWith(producer, tableOf(...other), { continues: second.id });
  expect(third.sessions).toEqual(['s1', 's2', null, null]);
});

test('a mend that is still running ends first, and its rows are not called for both', async ({
  producer,
}) => {
  await importBroken(producer);
  await producer.importNew(tableOf('B,https://a.example/2.mp4,two'), {
    batchId: 'fixes',
    mends: 'clips',
  });
  const next = await continueWith(producer, tableOf(...CORRECTED));
  expect(next.sessions).toEqual(['s1', null, null]);
  expect(await batchOf(producer, 'fixes')).toMatchObject({ state: 'cancelled' });
});

test('a row that has its video of two tables ago again keeps the session of then', async ({
  producer,
}) => {
  const lines = ['A,https://a.example/1.mp4,one', 'B,https://a.example/2.mp4,two'];
  await producer.importNew(tableOf(...lines), { batchId: 'clips' });
  for (const row of [1, 2]) {
    await producer.end('clips', row, opened(`s${row}`), `https://a.example/${row}.mp4`);
  }
  const keyed = { key: ['sku'] };
  const wrong = lines.with(1, 'B,https://a.example/wrong.mp4,two');
  const second = await continueWith(producer, tableOf(...wrong), keyed);
  expect(second.sessions).toEqual(['s1', null]);
  await producer.end(second.id, 2, FAILED);
  const third = await continueWith(producer, tableOf(...lines), {
    ...keyed,
    continues: second.id,
  });
  expect(third.sessions).toEqual(['s1', 's2']);
  expect(third.sentences).toEqual([
    expect.stringContaining('2 rows are unchanged and keep their sessions: 0 calls'),
  ]);
});
