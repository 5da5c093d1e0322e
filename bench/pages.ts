// Measures pages of rows of a big batch, as the dashboard requests them. `--rows 1000000`.
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { findRows, type RowQuery } from '../src/lib/rows/find-rows.ts';
import { openStores } from '../src/library/wiring/stores.ts';
import { startBenchRedis } from './lab/bench-redis.ts';
import { fillBatch } from './lab/fill-batch.ts';

const { values } = parseArgs({ options: { rows: { type: 'string', default: '1000000' } } });
const rows = Number(values.rows);
const LOOKS = 10;

await using server = await startBenchRedis();
await using stores = await openStores(
  { REDIS_URL: server.url },
  { name: 'bench', patience: 'patient' },
);
console.log(`${rows.toLocaleString('en')} rows · ${cpus().length} cores`);
await fillBatch(stores, { id: 'bench-rows', rows, ended: rows });
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
