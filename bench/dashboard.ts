// Requests the dashboard's pages as a browser does, from the real process: 200 batches (`--batches`) and one of 1,000,000
// rows (`--rows`). Measures the first page, pages of rows with each kind of filter, searches, the pages and the memory of
// the process with ten pages open (`--pages`), and what these cost a running worker.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { countEnded } from '../src/lib/core/batch/batch.ts';
import { formatPlace } from '../src/lib/core/list-place.ts';
import { openStores, type Stores } from '../src/library/wiring/stores.ts';
import { startBenchRedis } from './lab/bench-redis.ts';
import { cpuTimeOf } from './lab/cpu-time.ts';
import { fillBatch } from './lab/fill-batch.ts';
import { klingIds } from './lab/make-manifest.ts';
import { startOutsideWorld } from './lab/outside-world.ts';
import { runProgram, startDashboardProcess, startWorkerProcess } from './lab/run-program.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    batches: { type: 'string', default: '200' },
    pages: { type: 'string', default: '10' },
  },
});
const rows = Number(values.rows);
const BATCHES = Number(values.batches);
const OPEN_PAGES = Number(values.pages);
/** Paused in the middle; the others have ended. */
const ACTIVE = 12;
const LOOKS = 20;
const API_KEY = 'bench';
/** 200 sessions a second, many times what the real API allows. */
const API = { latencyMs: 100, concurrency: 20 };
const WORKED_ROWS = 20_000;
const PHASE_S = 3;
/** Whether pages are open, by phase. This order favours neither case if the machine gets slower or faster. */
const PHASES = Array.from({ length: 6 }, () => [false, true, true, false]).flat();
/** What open pages show, in turn. */
const PAGES = ['/', '/batches/worked', '/batches', '/', '/batches/big', '/limits'];
const LOOKED_AT = [
  '/',
  '/?span=7d',
  '/batches',
  '/batches?tag=spring',
  '/batches/big',
  '/limits',
  '/bulk-actions',
  '/schedules',
];
const SEARCHES = [
  'night-17',
  'spring',
  'http_404',
  'clip 4711',
  'nowhere-to-be-found',
  '7000000000001',
];

await using server = await startBenchRedis();
const environment = { REDIS_URL: server.url, COMETAPI_KEY: API_KEY };
await using stores = await openStores(environment, { name: 'bench', patience: 'patient' });
console.log(`${rows} rows, ${BATCHES} batches, ${cpus().length} cores, Node ${process.version}`);
await fill(stores);
await importKlingIds();
{
  await using dashboard = await startDashboardProcess(environment);
  await measureFirstPages(dashboard.url);
  await measureRows(dashboard.url);
  await measureWithOpenPages(dashboard);
}
await measureOpenPages();

async function fill(all: Stores): Promise<void> {
  for (let number = 1; number <= BATCHES; number += 1) {
    const id = `night-${String(number).padStart(3, '0')}`;
    const isActive = number > BATCHES - ACTIVE;
    const tags = number % 3 === 0 ? ['spring', 'ads'] : [];
    const batch = await fillBatch(all, { id, rows: 200, ended: isActive ? 120 : 200, tags });
    if (isActive) await all.store.changeState(batch, 'pause', null, Date.now());
  }
  await fillBatch(all, { id: 'big', rows, ended: rows });
}

/** A page of the list of batches that begins in its oldest tenth. */
async function latePage(): Promise<string> {
  const number = Math.max(1, Math.floor(BATCHES / 10));
  const batch = await stores.store.readBatch(`night-${String(number).padStart(3, '0')}`);
  if (batch === null) throw new Error('The batches are not there.');
  return `/batches?after=${formatPlace({ atMs: batch.createdAtMs, id: batch.id })}`;
}

interface Look {
  ms: number;
  bytes: number;
  text: string;
}

async function look(url: string): Promise<Look> {
  const startMs = performance.now();
  const response = await fetch(url, { headers: { accept: 'text/html' } });
  const text = await response.text();
  const ms = performance.now() - startMs;
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return { ms, bytes: Buffer.byteLength(text), text };
}

async function measureFirstPages(origin: string): Promise<void> {
  const [first, ...others] = ['/', '/batches'];
  for (const path of [first, ...others]) {
    const page = await look(origin + path);
    const files = await lookAtFiles(origin, page.text);
    const again = await lookOften(origin + path);
    const kilobytes = ((page.bytes + files) / 1_000).toFixed(1);
    console.log(
      `  ${path}: ${page.ms.toFixed(0)} ms the first time, then ${inWords(again)}; ${kilobytes} KB, of which ${(files / 1_000).toFixed(1)} KB once`,
    );
  }
}

/** Bytes that a browser loads with its first page and caches. */
async function lookAtFiles(origin: string, page: string): Promise<number> {
  const paths = [...page.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path]) => path);
  const files = await Promise.all(paths.map((path) => look(origin + path)));
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Each page and search while others are open, and the memory of the process afterwards. */
async function measureWithOpenPages({ url, pid }: { url: string; pid: number }): Promise<void> {
  using _pages = openPages(url);
  const all: number[] = [];
  const beganS = cpuTimeOf(pid)?.own ?? 0;
  for (const path of [...LOOKED_AT, await latePage()]) {
    const times = await lookOften(url + path);
    all.push(...times);
    console.log(`  ${path}, with ${OPEN_PAGES} open pages: ${inWords(times)}`);
  }
  console.log(`  all of these: ${inWords(all)}`);
  const pagesS = cpuTimeOf(pid)?.own ?? 0;
  for (const sought of SEARCHES) {
    const times = await lookOften(`${url}/search?q=${encodeURIComponent(sought)}`);
    console.log(`  search for ${sought}: ${inWords(times)}`);
  }
  const searchesS = cpuTimeOf(pid)?.own ?? 0;
  const perPage = msEach(pagesS - beganS, all.length);
  const perSearch = msEach(searchesS - pagesS, SEARCHES.length * LOOKS);
  console.log(`  processor time: ${perPage} ms a page, ${perSearch} ms a search`);
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kilobytes = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]);
  console.log(`  the dashboard has used at most ${(kilobytes / 1_024).toFixed(0)} MB`);
}

function msEach(seconds: number, count: number): string {
  return ((1_000 * seconds) / count).toFixed(1);
}

async function measureRows(origin: string): Promise<void> {
  const middle = Math.floor(rows / 2);
  const queries = {
    'no filter': '',
    'a page in the middle': `from=${middle}`,
    'the last page': `from=${rows - 49}`,
    'state, common': 'state=succeeded',
    'state, 1 in 1,000': 'state=failed',
    'state, 1 in 1,000, from the middle': `state=failed&from=${middle}`,
    'state, none at all': 'state=unconfirmed',
    'code, 1 in 1,000': 'code=http_404',
    'code, one row of all': 'code=once',
    'text, common': 'text=clip+7',
    'text, one row of all': `text=clip+${rows - 1}`,
    'text, none at all': 'text=nowhere+to+be+found',
    'text, from the middle': `text=${middle + 40}.mp4&from=${middle}`,
    'state and text': 'state=failed&text=clip+5',
    'code and text': 'code=http_404&text=nowhere',
  };
  const all: number[] = [];
  for (const [name, query] of Object.entries(queries)) {
    const times = await lookOften(`${origin}/batches/big/rows?${query}`);
    all.push(...times);
    console.log(`  rows, ${name}: ${inWords(times)}`);
  }
  console.log(`  rows, all of these: ${inWords(all)}`);
}

async function lookOften(url: string): Promise<number[]> {
  const times: number[] = [];
  for (let count = 0; count < LOOKS; count += 1) times.push((await look(url)).ms);
  return times;
}

function inWords(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.ceil(share * sorted.length) - 1] ?? 0).toFixed(0);
  return `median ${at(0.5)} ms, p95 ${at(0.95)} ms, worst ${at(1)} ms`;
}

/** Rows and CPU time of a worker in the phases with open pages, and in those without. */
async function measureOpenPages(): Promise<void> {
  using world = await startOutsideWorld({ apiKey: API_KEY, fetchMs: 0, videos: 1, ...API });
  const settings = {
    ...environment,
    API_BASE_URL: world.apiBaseUrl,
    API_CONCURRENCY: String(API.concurrency),
  };
  await using dashboard = await startDashboardProcess(settings);
  await using worker = startWorkerProcess(settings);
  while ((await countDone()) < 500) await sleep(100);
  const phases: Phase[] = [];
  for (const areOpen of PHASES) {
    using _pages = areOpen ? openPages(dashboard.url) : null;
    const before = await readUse(worker.pid, dashboard.pid);
    await sleep(PHASE_S * 1_000);
    phases.push({ areOpen, ...difference(await readUse(worker.pid, dashboard.pid), before) });
  }
  if ((await countDone()) >= WORKED_ROWS) throw new Error('there were not enough rows');
  const without = tell(
    'without open pages',
    phases.filter(({ areOpen }) => !areOpen),
  );
  const withThem = tell(
    `with ${OPEN_PAGES} open pages`,
    phases.filter(({ areOpen }) => areOpen),
  );
  console.log(`  with them the worker is ${((100 * withThem) / without).toFixed(1)} % as fast`);
}

async function importKlingIds(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'kling-bench-'));
  try {
    const manifest = join(folder, 'worked.csv');
    await writeFile(manifest, klingIds(WORKED_ROWS));
    await runProgram(['import', manifest, '--batch', 'worked'], environment);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Work done and resources used; CPU time in s. */
interface Use {
  ms: number;
  rows: number;
  workerS: number;
  dashboardS: number;
}

interface Phase extends Use {
  areOpen: boolean;
}

async function readUse(workerPid: number, dashboardPid: number): Promise<Use> {
  return {
    rows: await countDone(),
    ms: performance.now(),
    workerS: cpuTimeOf(workerPid)?.own ?? 0,
    dashboardS: cpuTimeOf(dashboardPid)?.own ?? 0,
  };
}

function difference(after: Use, before: Use): Use {
  return {
    ms: after.ms - before.ms,
    rows: after.rows - before.rows,
    workerS: after.workerS - before.workerS,
    dashboardS: after.dashboardS - before.dashboardS,
  };
}

async function countDone(): Promise<number> {
  const batch = await stores.store.readBatch('worked');
  return batch === null ? 0 : countEnded(batch.counts);
}

function openPages(origin: string): Disposable {
  const closing = new AbortController();
  for (let page = 0; page < OPEN_PAGES; page += 1) {
    const path = PAGES[page % PAGES.length] ?? '/';
    const url = `${origin}/live${path === '/' ? '' : path}`;
    void follow(url, closing.signal);
  }
  return { [Symbol.dispose]: () => closing.abort() };
}

async function follow(url: string, signal: AbortSignal): Promise<void> {
  try {
    const { body, ok, status } = await fetch(url, { signal });
    if (!ok) throw new Error(`${url}: ${status}`);
    for await (const _ of body ?? []);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Rows per second, over all phases. */
function tell(what: string, phases: readonly Phase[]): number {
  const sum = (of: (phase: Phase) => number): number =>
    phases.reduce((total, phase) => total + of(phase), 0);
  const [ms, done] = [sum((phase) => phase.ms), sum((phase) => phase.rows)];
  const speeds = phases.map((phase) => (1_000 * phase.rows) / phase.ms).toSorted((a, b) => a - b);
  const range = [speeds.at(0), speeds.at(-1)].map((speed) => speed?.toFixed(0)).join(' to ');
  const perRow = ((1_000 * sum(({ workerS }) => workerS)) / done).toFixed(2);
  const share = ((100_000 * sum(({ dashboardS }) => dashboardS)) / ms).toFixed(1);
  const speed = (1_000 * done) / ms;
  console.log(
    `  ${what}: ${speed.toFixed(1)} rows/s (${range}), ${perRow} ms of the worker's processor time a row; the dashboard uses ${share} % of a core`,
  );
  return speed;
}
