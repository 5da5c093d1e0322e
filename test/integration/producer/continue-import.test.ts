import { expect } from 'vitest';
import { countChunks } from '../../../src/lib/core/batch/chunk.ts';
import type { Outcome } from '../../../src/lib/core/row/outcome.ts';
import type { BatchStore } from '../../../src/lib/store/batch-store.ts';
import { RedisBatchStore } from '../../../src/lib/store/redis/redis-batch-store.ts';
import {
  type ContinuationRequest,
  findContinued,
} from '../../../src/producer/continuing/continue-import.ts';
import { type ImportResult, importBatch } from '../../../src/producer/import-batch.ts';
import { IMPORT_OPTIONS } from '../../setup/examples/import-options.ts';
import { signal } from '../../unit/producer/manifest/manifest-fixture.ts';
import { type Producer, test, withManifest } from './producer-test.ts';

const NOW_MS = Date.UTC(2026, 4, 31, 12);
let passedMs = 0;
/** No two batches are made at the same moment. */
const now = (): number => NOW_MS + passedMs++;
const HOUR_MS = 3_600_000;
const ROWS = 1_700;

/** A table of so many rows; those that `edit` gives another title are other rows. */
const tableOf = (edit: (row: number) => string = () => 'as it was'): string =>
  [
    'video_url,title',
    ...Array.from({ length: ROWS }, (_, at) => `https://a.example/${at + 1}.mp4,${edit(at + 1)}`),
  ].join('\n');

const opened = (row: number, lifeMs = 20 * HOUR_MS): Partial<Outcome> => ({
  session: { id: `s${row}`, expiresAtMs: NOW_MS + lifeMs },
});

/** The process dies before or after a chunk was stored. */
class Killed extends Error {}

interface Death {
  chunk: number;
  isAfter: boolean;
}

class DyingStore extends RedisBatchStore {
  readonly #death: Death | null;

  constructor({ redis, keys }: Producer, death: Death | null) {
    super(redis, keys);
    this.#death = death;
  }

  override async appendChunk(...given: Parameters<BatchStore['appendChunk']>): Promise<boolean> {
    const isDeath = given[1].index === this.#death?.chunk;
    if (isDeath && !this.#death?.isAfter) throw new Killed();
    const stored = await super.appendChunk(...given);
    if (isDeath) throw new Killed();
    return stored;
  }
}

/** The command `run clips.csv`; it dies at this chunk, if any. */
async function run(
  producer: Producer,
  content: string,
  death: Death | null = null,
  asked: Partial<ContinuationRequest> = {},
): Promise<ImportResult | 'killed'> {
  const { overview, ledger, repair, steering, keyIndex, rowIndex, queues } = producer;
  const dying = new DyingStore(producer, death);
  const shared = { store: dying, steering, keyIndex, queues, now, signal };
  return await withManifest(content, async (manifest) => {
    const context = {
      ...shared,
      rowIndex,
      overview,
      ledger,
      countWorkers: async () => 0,
      who: 'anna',
    };
    const request = { continues: null, key: null, isFresh: false, origin: 'clips', ...asked };
    const found = await findContinued(context, manifest, IMPORT_OPTIONS, request, context);
    if (found.kind === 'refused') throw new Error(found.sentence);
    const options = { ...IMPORT_OPTIONS, ...found.options };
    return await importBatch({ ...shared, repair }, manifest, options);
  }).catch((error: unknown) => {
    if (error instanceof Killed) return 'killed';
    throw error;
  });
}

/** Runs to the end and returns the batch. */
async function runWhole(
  producer: Producer,
  content: string,
  asked: Partial<ContinuationRequest> = {},
): Promise<string> {
  const result = await run(producer, content, null, asked);
  if (result === 'killed' || result.kind !== 'imported') throw new Error('not imported');
  return result.batch.id;
}

/** Rows that will be called, and of the others whose session they have. */
async function standOf({ store }: Producer, batchId: string) {
  const called: number[] = [];
  const sessions = new Map<number, string | undefined>();
  for (let chunk = 0; chunk < countChunks(ROWS); chunk += 1) {
    const rows = (await store.readChunk(batchId, chunk)) ?? [];
    const outcomes = await store.readOutcomes(batchId, chunk);
    for (const { row } of rows) {
      if (outcomes.has(row)) sessions.set(row, outcomes.get(row)?.session?.id);
      else called.push(row);
    }
  }
  return { called, sessions };
}

/** A batch whose rows have sessions, but for those in tens, which failed, and in sevens, whose sessions are over. */
async function firstBatch(producer: Producer): Promise<string> {
  const id = await runWhole(producer, tableOf());
  const rows = Array.from({ length: ROWS }, (_, at) => at + 1);
  await Promise.all(
    rows.map((row) => {
      if (row % 10 === 0) {
        return producer.end(id, row, { status: 'failed', error: { code: 'x', message: 'x' } });
      }
      return producer.end(id, row, opened(row, row % 7 === 0 ? -HOUR_MS : undefined));
    }),
  );
  return id;
}

const isCalled = (row: number): boolean => row % 10 === 0 || row % 7 === 0;
const edited = tableOf((row) => (row % 100 === 1 ? 'edited' : 'as it was'));
const isEdited = (row: number): boolean => row % 100 === 1;

test('a continued import keeps live sessions, calls the other rows, and stores what each row had before', async ({
  producer,
}) => {
  const before = await firstBatch(producer);
  const id = await runWhole(producer, edited);
  const { called, sessions } = await standOf(producer, id);
  const due = Array.from({ length: ROWS }, (_, at) => at + 1).filter(
    (row) => isCalled(row) || isEdited(row),
  );
  expect(called).toEqual(due);
  expect([...sessions].every(([row, session]) => session === `s${row}`)).toBe(true);
  const batch = await producer.store.readBatch(id);
  expect(batch).toMatchObject({ lineage: { after: before, isFresh: false }, rows: ROWS });
  expect(batch?.counts).toMatchObject({ waiting: due.length, reused: ROWS - due.length });
  const alive = await producer.overview.readSessions(id, NOW_MS);
  expect(alive.alive).toBe(ROWS - due.length);
  expect(await producer.steering.readEarlier(id, 7)).toMatchObject([{ session: { id: 's7' } }]);
  const kept = (await producer.store.readOutcomesOf(id, [2])).get(2);
  expect(kept).toMatchObject({ status: 'reused', keptFrom: { batchId: before, row: 2 } });
});

const rows = Array.from({ length: ROWS }, (_, at) => at + 1);
const DEATHS = [0, 1, 2, 3].flatMap((chunk) =>
  [false, true].map((isAfter) => ({ chunk, isAfter })),
);

test.for(DEATHS)(
  'the same command comes to the same after a death at %o',
  async (death, { producer }) => {
    await firstBatch(producer);
    expect(await run(producer, edited, death)).toBe('killed');
    const { called } = await standOf(producer, await runWhole(producer, edited));
    expect(called).toEqual(rows.filter((row) => isCalled(row) || isEdited(row)));
  },
);

test.for(DEATHS)(
  'another correction finds the sessions after a death at %o',
  async (death, { producer }) => {
    const before = await firstBatch(producer);
    expect(await run(producer, edited, death)).toBe('killed');
    const third = await runWhole(
      producer,
      tableOf((row) => (row === 5 ? 'third' : 'as it was')),
    );
    const { called, sessions } = await standOf(producer, third);
    expect(called).toEqual(rows.filter((row) => isCalled(row) || row === 5));
    expect(sessions.get(1)).toBe('s1');
    expect((await batchOf(producer, third)).lineage?.after).toBe(before);
  },
);

async function batchOf({ store }: Producer, id: string) {
  const batch = await store.readBatch(id);
  if (batch === null) throw new Error(`no batch ${id}`);
  return batch;
}

test('a continued import calls every row again on request, for a copy of the file, and from a producer without files', async ({
  producer,
}) => {
  const first = await runWhole(producer, tableOf());
  expect(await runWhole(producer, tableOf(), { origin: 'a copy' })).toBe(first);
  const again = await runWhole(producer, tableOf(), { origin: 'a copy', isFresh: true });
  expect(again).not.toBe(first);
  expect(await producer.store.readBatch(again)).toMatchObject({
    lineage: { after: first, isFresh: true },
  });
  // Until that batch has ended, the same command continues it.
  expect(await runWhole(producer, tableOf(), { origin: null, isFresh: true })).toBe(again);
});
