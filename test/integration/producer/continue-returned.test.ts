import { expect } from 'vitest';
import type { Outcome } from '../../../src/lib/core/row/outcome.ts';
import { findContinued } from '../../../src/producer/continuing/continue-import.ts';
import { importBatch } from '../../../src/producer/import-batch.ts';
import { IMPORT_OPTIONS } from '../../setup/examples/import-options.ts';
import { signal } from '../../unit/producer/manifest/manifest-fixture.ts';
import { type Producer, test, withManifest } from './producer-test.ts';

const START_MS = Date.UTC(2026, 4, 31, 12);
const HOUR_MS = 3_600_000;

const A = 'A,https://a.example/1.mp4,one';
const B = 'B,https://a.example/2.mp4,two';
const C = 'C,https://a.example/3.mp4,three';
const OTHER_B = 'B,https://a.example/other.mp4,two';

interface Evening {
  key?: string[] | null;
  isFresh?: boolean;
  atHours?: number;
}

/**
 * Imports the table, continuing what it was before, and ends its other rows with sessions `<video>@<hour>`. Returns the
 * rows that were called, and the sentence about all of them.
 */
async function run(producer: Producer, lines: string[], evening: Evening = {}) {
  const { key = null, isFresh = false, atHours = 0 } = evening;
  const nowMs = START_MS + atHours * HOUR_MS;
  const context = { ...producer, now: () => nowMs, signal, countWorkers: async () => 0, who: 'a' };
  const content = ['sku,video_url,title', ...lines].join('\n');
  return await withManifest(content, async (manifest) => {
    const request = { continues: null, key, isFresh, origin: 'clips' };
    const found = await findContinued(context, manifest, IMPORT_OPTIONS, request, context);
    if (found.kind === 'refused') throw new Error(found.sentence);
    const options = { ...IMPORT_OPTIONS, ...(key && { key }), ...found.options };
    const result = await importBatch(context, manifest, options);
    if (result.kind !== 'imported') throw new Error(result.kind);
    const { id } = result.batch;
    const kept = await producer.store.readOutcomes(id, 0);
    const called = lines.filter((_, at) => !kept.has(at + 1));
    for (const [at, line] of lines.entries()) {
      if (kept.has(at + 1)) continue;
      const url = line.split(',')[1] ?? '';
      const session = { id: `${url}@${atHours}`, expiresAtMs: nowMs + 24 * HOUR_MS };
      await producer.end(id, at + 1, { finishedAtMs: nowMs, session }, url);
    }
    return { id, called, sentence: found.sentences[0], kept };
  });
}

const sessionOf = (kept: ReadonlyMap<number, Outcome>, row: number) => kept.get(row)?.session?.id;

test.for([{ key: null }, { key: ['sku'] }])(
  'a row that was removed and comes back keeps its session, with %o',
  async ({ key }, { producer }) => {
    const first = await run(producer, [A, B], { key });
    await run(producer, [A, C], { key, atHours: 1 });
    await run(producer, [C], { key, atHours: 2 });
    const last = await run(producer, [B, C, A], { key, atHours: 3 });
    expect(last.called).toEqual([]);
    expect(sessionOf(last.kept, 1)).toBe('https://a.example/2.mp4@0');
    expect(last.kept.get(1)?.keptFrom).toEqual({ batchId: first.id, row: 2 });
    expect(last.sentence).toContain('3 rows are unchanged and keep their sessions: 0 calls');
  },
);

test.for([{ key: null }, { key: ['sku'] }])(
  'a row whose video is that of three corrections ago keeps its session, with %o',
  async ({ key }, { producer }) => {
    await run(producer, [A, B], { key });
    const wrong = await run(producer, [A, OTHER_B], { key, atHours: 1 });
    expect(wrong.called).toEqual([OTHER_B]);
    await run(producer, [A, OTHER_B, C], { key, atHours: 2 });
    const last = await run(producer, [A, B, C], { key, atHours: 3 });
    expect(last.called).toEqual([]);
    expect(sessionOf(last.kept, 2)).toBe('https://a.example/2.mp4@0');
  },
);

test('a row that comes back after its session has expired is called', async ({ producer }) => {
  await run(producer, [A, B]);
  await run(producer, [A, C], { atHours: 20 });
  expect((await run(producer, [A, B, C], { atHours: 25 })).called).toEqual([A, B]);
});

test('nothing is kept from before a fresh batch, or from rows that another key told apart', async ({
  producer,
}) => {
  await run(producer, [A, B]);
  await run(producer, [A], { isFresh: true, atHours: 1 });
  expect((await run(producer, [A, B], { atHours: 2 })).called).toEqual([B]);
  await run(producer, [A], { atHours: 3 });
  expect((await run(producer, [A, B], { key: ['sku'], atHours: 4 })).called).toEqual([B]);
});

test('one session is kept by one row, also where keys repeat', async ({ producer }) => {
  const key = ['sku'];
  await run(producer, [A, B], { key });
  await run(producer, [A], { key, atHours: 1 });
  const twice = 'B,https://a.example/2.mp4,another title';
  const last = await run(producer, [A, B, twice], { key, atHours: 2 });
  expect(last.called).toEqual([twice]);
  expect(last.sentence).toContain('1 repeated');
});
