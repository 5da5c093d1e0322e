import { readEntry } from '../report/read-entries.ts';
import { findByKey } from '../rows/find-by-key.ts';
import type { KeyIndex } from '../store/key-index.ts';
import type { BatchLabel, RowPlace } from '../store/search-index.ts';
import { nullIfUnreadable } from '../store/unreadable-record.ts';
import {
  type FoundRow,
  type Scan,
  type ScanPlace,
  type ScanSources,
  scanRows,
} from './scan-rows.ts';
import type { Sought } from './sought.ts';

export interface SearchSources extends ScanSources {
  keyIndex: KeyIndex;
  schedules: { list(): Promise<{ schedule: { name: string } }[]> };
}

/** What a search found, by kind. */
export interface Findings {
  /** By id, manifest or tag; an exact id first, then newest first. */
  batches: BatchLabel[];
  /** How many more batches match. */
  moreBatches: number;
  schedules: string[];
  /** Batches with rows that ended with exactly this error code, newest first. */
  codes: { batchId: string; count: number }[];
  moreCodes: number;
  /** Rows that an index names; they are not among `scan.found`. */
  atOnce: FoundRow[];
  /** The rest, row by row. */
  scan: Scan;
  allBatches: number;
}

export interface SearchLimits {
  /** For everything together. */
  budgetMs: number;
  /** Rows to look into, one by one. */
  rows: number;
  /** How many to show of each kind. */
  shown: number;
}

/** A continued search shows only more rows. */
export type From = ScanPlace | null;

/** Some rows are searched, however long the index takes. */
const LEAST_SCAN_MS = 20;

/** Finds batches, schedules, error codes and rows. Only reads, and says how far it got when it has to stop. */
export async function search(
  sources: SearchSources,
  sought: Sought,
  from: From,
  { budgetMs, rows, shown }: SearchLimits,
): Promise<Findings> {
  const beganMs = sources.now();
  const labels = await sources.searchIndex.listLabels();
  const known = from === null ? await searchIndexes(sources, labels, sought, shown) : NOTHING;
  const untilMs = Math.max(beganMs + budgetMs, sources.now() + LEAST_SCAN_MS);
  const scan = await scanRows(sources, labels, sought, from, { untilMs, rows, hits: shown });
  const isKnown = ({ batch, entry }: FoundRow): boolean =>
    known.atOnce.some((one) => one.batch.id === batch.id && one.entry.row.row === entry.row.row);
  return {
    ...known,
    scan: { ...scan, found: scan.found.filter((one) => !isKnown(one)) },
    allBatches: labels.length,
  };
}

type Known = Omit<Findings, 'scan' | 'allBatches'>;

const NOTHING: Known = {
  batches: [],
  moreBatches: 0,
  schedules: [],
  codes: [],
  moreCodes: 0,
  atOnce: [],
};

async function searchIndexes(
  sources: SearchSources,
  labels: readonly BatchLabel[],
  sought: Sought,
  shown: number,
): Promise<Known> {
  const [codes, schedules, atOnce] = await Promise.all([
    sought.mayBeCode ? batchesWithCode(sources, labels, sought) : [],
    sources.schedules.list(),
    rowsAtOnce(sources, labels, sought, shown),
  ]);
  const batches = labels.filter((label) => isMeant(label, sought));
  const isExact = ({ id }: BatchLabel): number => Number(id === sought.text);
  batches.sort((one, other) => isExact(other) - isExact(one));
  return {
    batches: batches.slice(0, shown),
    moreBatches: Math.max(0, batches.length - shown),
    schedules: schedules
      .map(({ schedule }) => schedule.name)
      .filter((name) => name.toLowerCase().includes(sought.lower))
      .slice(0, shown),
    codes: codes.slice(0, shown),
    moreCodes: Math.max(0, codes.length - shown),
    atOnce,
  };
}

const isMeant = ({ id, name, tags }: BatchLabel, { lower }: Sought): boolean =>
  id.toLowerCase().includes(lower) ||
  name.toLowerCase().includes(lower) ||
  tags.some((tag) => tag.toLowerCase() === lower);

async function batchesWithCode(
  { searchIndex }: SearchSources,
  labels: readonly BatchLabel[],
  { text }: Sought,
): Promise<Findings['codes']> {
  const ids = labels.map(({ id }) => id);
  const counts = await searchIndex.countCode(ids, text);
  return ids
    .map((batchId, at) => ({ batchId, count: counts[at] ?? 0 }))
    .filter(({ count }) => count > 0);
}

/** Sessions live for a day, so the batches that opened them are among the newest. */
const SESSION_BATCHES = 1_000;

/** The rows that need no scan: with this key of their own, of a live session, or named by batch and number, such as `night-1 12`. */
async function rowsAtOnce(
  sources: SearchSources,
  labels: readonly BatchLabel[],
  { text, mayBeId }: Sought,
  shown: number,
): Promise<FoundRow[]> {
  const { store, searchIndex, now } = sources;
  const newest = labels.slice(0, SESSION_BATCHES).map(({ id }) => id);
  const bySession = mayBeId ? await searchIndex.findSession(newest, text) : [];
  const [, batchId = '', row = ''] = /^([\w-]+)[\s/:~]+([1-9]\d{0,9})$/.exec(text) ?? [];
  const named = labels.some(({ id }) => id === batchId) ? [{ batchId, row: Number(row) }] : [];
  const places = [...named, ...bySession];
  const read = await Promise.all(
    places.map((place) => readRow(store, place).catch(nullIfUnreadable)),
  );
  const { matches } = await findByKey(sources, text, { limit: shown, nowMs: now() });
  const byKey = matches.map(({ batch, entry, key }) => ({ batch, entry, key }));
  return [...byKey, ...read.filter((found) => found !== null)];
}

async function readRow(
  store: SearchSources['store'],
  { batchId, row }: RowPlace,
): Promise<FoundRow | null> {
  const batch = await store.readBatch(batchId);
  const entry = batch && (await readEntry(store, batch, row));
  return batch && entry && { batch, entry };
}
