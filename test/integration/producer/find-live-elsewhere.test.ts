import { expect } from 'vitest';
import {
  type ContinuationRequest,
  findContinued,
} from '../../../src/producer/continuing/continue-import.ts';
import { importBatch } from '../../../src/producer/import-batch.ts';
import { IMPORT_OPTIONS } from '../../setup/examples/import-options.ts';
import { signal } from '../../unit/producer/manifest/manifest-fixture.ts';
import { type Producer, test, withManifest } from './producer-test.ts';

/** The ledger's keys expire by the server's clock. */
const NOW_MS = Date.now();
const HOUR_MS = 3_600_000;
const url = (name: string): string => `https://a.example/${name}.mp4`;
const tableOf = (...names: string[]): string => ['video_url', ...names.map(url)].join('\n');

interface Asked extends Partial<ContinuationRequest> {
  reuse?: boolean;
  confirmAnew?: (sentence: string) => Promise<void>;
}

/** Returns what is said before the import, and opens a session for each row if there are any to open. */
async function importTable(producer: Producer, content: string, asked: Asked = {}) {
  const { reuse = false, confirmAnew, ...request } = asked;
  const context = {
    ...producer,
    now: () => NOW_MS,
    signal,
    countWorkers: async () => 0,
    who: 'anna',
    ...(confirmAnew && { confirmAnew }),
  };
  const options = { ...IMPORT_OPTIONS, reuse };
  return await withManifest(content, async (manifest) => {
    const wanted = { continues: null, key: null, isFresh: false, origin: null, ...request };
    const found = await findContinued(context, manifest, options, wanted, context);
    if (found.kind === 'refused') throw new Error(found.sentence);
    const result = await importBatch(context, manifest, { ...options, ...found.options });
    if (result.kind !== 'imported') throw new Error(result.kind);
    const { id, rows } = result.batch;
    const lines = content.split('\n').slice(1);
    for (let row = 1; row <= rows; row += 1) {
      const session = { id: `${id}-${row}`, expiresAtMs: NOW_MS + 20 * HOUR_MS };
      await producer.end(id, row, { session }, lines[row - 1]);
    }
    return { id, sentences: found.sentences };
  });
}

test('a table whose videos have live sessions in another batch says so before it calls them again', async ({
  producer,
}) => {
  const first = await importTable(producer, tableOf('1', '2', '3'), { origin: 'clips' });
  expect(first.sentences).toEqual([]);
  const renamed = await importTable(producer, tableOf('1', '2', '3', '4'), { origin: 'renamed' });
  expect(renamed.sentences).toEqual([
    `3 of the 4 different videos in manifest.csv have a session that lives. This table continues no batch, so all its rows are called. Batch ${first.id} has 3 of these videos; to keep its sessions, continue it (\`--continue ${first.id}\`).`,
  ]);
  expect(await producer.steering.readHistory(renamed.id)).toMatchObject([
    { who: 'anna', what: renamed.sentences[0] },
  ]);
});

test('the table that is named is the newest one with most of the videos, whoever opened the sessions last', async ({
  producer,
}) => {
  const clips = await importTable(producer, tableOf('1', '2', '3', '4'), { origin: 'clips' });
  await importTable(producer, tableOf('6', '7', '1', '2'), { origin: 'half' });
  const [sentence] = (await importTable(producer, tableOf('1', '2', '3', '4', '5'))).sentences;
  expect(sentence).toContain(`Batch ${clips.id} has 4 of these videos`);
  const next = await importTable(producer, tableOf('1', '2', '3', '8'), { continues: clips.id });
  // The very same import again calls nothing, so it announces nothing.
  const again = await importTable(producer, tableOf('1', '2', '3', '8'), { continues: clips.id });
  expect(again).toEqual({ id: next.id, sentences: [] });
  const [later] = (await importTable(producer, tableOf('1', '2', '3', '8', '9'))).sentences;
  expect(later).toContain(`Batch ${next.id} has 4 of these videos`);
});

test('nothing is said of sessions when most videos have none, or all are to be called or reused', async ({
  producer,
}) => {
  const { id } = await importTable(producer, tableOf('1', '2'), { origin: 'clips' });
  const others: [string, Asked][] = [
    [tableOf('1', '5', '6'), { origin: 'other' }],
    [tableOf('1', '2', '7'), { origin: 'fresh', isFresh: true }],
    [tableOf('1', '2', '8'), { origin: 'reusing', reuse: true }],
    [tableOf('nota'), { origin: 'new' }],
    // It is the same import: the sessions are its own.
    [tableOf('1', '2'), {}],
  ];
  for (const [content, asked] of others) {
    expect((await importTable(producer, content, asked)).sentences).toEqual([]);
  }
  const continued = await importTable(producer, tableOf('1', '2', '9'), { continues: id });
  expect(continued.sentences.join()).not.toContain('does not continue');
});

test('a person can decline, and nothing is stored then', async ({ producer }) => {
  await importTable(producer, tableOf('1'), { origin: 'clips' });
  const table = tableOf('1', '2');
  const asked: string[] = [];
  const decline = async (sentence: string): Promise<void> => {
    asked.push(sentence);
    throw new Error('declined');
  };
  const declined = importTable(producer, table, { origin: 'renamed', confirmAnew: decline });
  await expect(declined).rejects.toThrow('declined');
  expect(asked).toEqual([
    expect.stringMatching(/^1 of the 2 different videos in manifest\.csv have/),
  ]);
  const batches = [];
  for await (const batch of producer.overview.listBatches()) batches.push(batch);
  expect(batches).toHaveLength(1);
});
