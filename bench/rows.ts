// Pages of rows of a big batch, as the dashboard asks for them. `--rows 1000000`.
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { openStores, type Stores } from '../src/cli/stores.ts';
import { NO_ARRANGEMENTS } from '../src/lib/core/batch.ts';
import { CHUNK_ROWS, countChunks, firstRowOfChunk } from '../src/lib/core/chunk.ts';
import type { Outcome } from '../src/lib/core/outcome.ts';
import { findRows, type RowQuery } from '../src/lib/rows/find-rows.ts';
import { startBenchRedis } from './bench-redis.ts';

const { values } = parseArgs({ options: { rows: { type: 'string', default: '1000000' } } });
const rows = Number(values.rows);
const LOOKS = 10;
const SHAPE = {
  format: 'csv' as const,
  delimiter: ',',
  columns: ['name', 'video_url'],
  roles: { video_url: 'video_url', video_id: null, task_id: null, video_created_at: null },
};

await using server = await startBenchRedis();
await using stores = await openStores(
  { REDIS_URL: server.url },
  { name: 'bench', patience: 'patient' },
);
console.log(`${rows.toLocaleString('en')} rows · ${cpus().length} cores`);
await fill(stores);
console.log(`  a finished row: ${((await server.usedBytes()) / rows).toFixed(1)} B of Redis`);
await measure('first page, no filter', {});
await measure('a page in the middle', { fromRow: rows / 2 });
await measure('common: succeeded', { statuses: new Set(['succeeded']) });
await measure('sparse: failed, 1 in 1,000', { statuses: new Set(['failed']) });
await measure('one row among all: a code', { code: 'once' });
await measure('no row at all: unconfirmed', { statuses: new Set(['unconfirmed']) });
await measure('a text that is common', { text: 'clip 7' });
await measure('a text that no row has, cut short', { text: 'nowhere to be found' });
await measure('a text among failed rows', { statuses: new Set(['failed']), text: 'clip 5' });

async function fill({ store }: Stores): Promise<void> {
  await store.openBatch(
    {
      id: 'bench-rows',
      identity: 'bench',
      name: 'bench.csv',
      manifestSha256: '',
      shape: SHAPE,
      options: { strictFps: false, maxFailures: { kind: 'off' }, reuse: false, trialRows: null },
      priority: 10,
      arrangements: NO_ARRANGEMENTS,
      notify: null,
      mends: null,
      selection: null,
    },
    Date.now(),
  );
  for (let index = 0; index < countChunks(rows); index += 1) {
    const first = firstRowOfChunk(index);
    const numbers = Array.from(
      { length: Math.min(CHUNK_ROWS, rows - first + 1) },
      (_, i) => first + i,
    );
    await store.appendChunk('bench-rows', {
      index,
      rows: numbers.map((row) => ({ row, line: row + 1, cells: [`clip ${row}`, urlOf(row)] })),
      outcomes: new Map(numbers.map((row) => [row, endOf(row)])),
      sharedUrls: [],
    });
  }
  await store.finishImport('bench-rows', SHAPE, Date.now());
}

function urlOf(row: number): string {
  const signature = (row * 7_919).toString(16).padStart(64, '0');
  return `https://media.example.com/clips/${row}.mp4?X-Amz-Signature=${signature}`;
}

function endOf(row: number): Outcome {
  const finishedAtMs = Date.now();
  const common = { finishedAtMs, attempts: 1, warnings: [], requestId: `request-${row}` };
  if (row === rows - 3)
    return { ...common, status: 'failed', error: { code: 'once', message: 'words' } };
  if (row % 1_000 === 0) {
    return {
      ...common,
      status: 'failed',
      error: { code: 'http_404', message: 'The server has no such file.' },
    };
  }
  return {
    ...common,
    status: 'succeeded',
    session: {
      id: String(784_912_000_000_000_000n + BigInt(row)),
      expiresAtMs: finishedAtMs + 864e5,
    },
    video: { durationS: 5.041, width: 1920, height: 1080, fps: 30 },
  };
}

async function measure(what: string, query: Partial<RowQuery>): Promise<void> {
  const batch = await stores.store.readBatch('bench-rows');
  if (batch === null) throw new Error('the batch is gone');
  const whole: RowQuery = {
    statuses: null,
    code: null,
    text: null,
    fromRow: 1,
    limit: 50,
    budgetMs: 60,
    ...query,
  };
  const times: number[] = [];
  let found = '';
  for (let look = 0; look < LOOKS; look += 1) {
    const startMs = performance.now();
    const page = await findRows({ ...stores, now: Date.now }, batch, whole);
    times.push(performance.now() - startMs);
    const until = page.isCutShort ? `, searched to row ${page.nextRow}` : '';
    found = `${page.entries.length} rows${until}`;
  }
  const sorted = times.toSorted((a, b) => a - b);
  const ms = (at: number): string => `${(sorted[at] ?? 0).toFixed(1)} ms`;
  console.log(`  ${what}: median ${ms(LOOKS / 2)}, worst ${ms(LOOKS - 1)} (${found})`);
}
