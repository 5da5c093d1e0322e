import { randomBytes } from 'node:crypto';
import type { Batch } from '../../../core/batch/batch.ts';
import { countChunks } from '../../../core/batch/chunk.ts';
import { checkRow } from '../../../core/manifest/check-row.ts';
import type { Source } from '../../../core/manifest/source.ts';
import type { Outcome } from '../../../core/row/outcome.ts';
import { EXPIRY_KEYS, FEED_KEYS, GONE, loadBatchScript } from '../batch-script.ts';
import { isListed, type LedgerEntry, ledgerEntry } from '../packing/ledger-entry.ts';
import { FEED_CONSTANTS } from '../packing/pack-feed-event.ts';
import { unpackEarlier, unpackOutcome } from '../packing/pack-outcome.ts';
import { unpackRows } from '../packing/pack-rows.ts';
import { digestSource } from '../packing/source-digest.ts';
import type { Place } from '../redis-part.ts';
import { keysBeside, keysOfChunks, REMOVED_CHUNKS } from './keys-of-batch.ts';

const beginRemoval = loadBatchScript('begin-removal', {
  keys: ['again', ...EXPIRY_KEYS],
  args: ['nextIncarnation'],
});
const removeKeys = loadBatchScript('remove-keys', { keys: [], moreKeys: 'others', args: [] });
const removeSessions = loadBatchScript('remove-sessions', {
  keys: [],
  moreKeys: 'ledgers',
  args: [],
  rest: 'entries',
  fields: ['field', 'value'],
});
const removeBatch = loadBatchScript('remove-batch', {
  keys: ['identities', 'shares', 'batches', 'arranged', 'keyed', ...FEED_KEYS],
  moreKeys: 'mending',
  args: [],
  constants: FEED_CONSTANTS,
});

/** Entries of the ledger that are deleted in one step, each from another key. */
const REMOVED_SESSIONS = 100;
/** A session lives for 24 hours, and its entry disappears within another hour. */
const LISTED_FOR_MS = 26 * 3_600_000;

/**
 * Deletes all that the store has of a batch. No step blocks Redis or touches a newer batch with the same id. The
 * batch itself goes last, so an interrupted removal can be repeated.
 */
export async function removeStored(place: Place, batch: Batch, nowMs: number): Promise<void> {
  // The ledger comes first, because its entries name the incarnation that opened the sessions.
  await removeFromLedger(place, batch, nowMs);
  const removed = { ...batch, incarnation: randomBytes(5).toString('hex') };
  const begun = await beginRemoval.run(place, batch, { nextIncarnation: removed.incarnation });
  if (begun !== GONE) await removeRest(place, removed);
}

async function removeRest(place: Place, batch: Batch): Promise<void> {
  const { keys, redis } = place;
  const { id, rows } = batch;
  for (let chunk = 0; chunk < countChunks(rows); chunk += REMOVED_CHUNKS) {
    await removeKeys.run(place, batch, { others: keysOfChunks(keys, id, chunk) });
  }
  await removeKeys.run(place, batch, { others: keysBeside(keys, id) });
  const mends = await redis.hget(keys.batch(id), 'mends');
  await removeBatch.run(place, batch, { mending: mends === null ? [] : [keys.mending(mends)] });
}

/** Reads the rows only if a session may still be listed. A batch that ended days ago has none. */
async function removeFromLedger(place: Place, batch: Batch, nowMs: number): Promise<void> {
  if ((batch.finishedAtMs ?? nowMs) < nowMs - LISTED_FOR_MS) return;
  for (let chunk = 0; chunk < countChunks(batch.rows); chunk += 1) {
    const entries = await readEntries(place, batch, chunk, nowMs);
    for (let start = 0; start < entries.length; start += REMOVED_SESSIONS) {
      const some = entries.slice(start, start + REMOVED_SESSIONS);
      await removeSessions.run(place, batch, {
        ledgers: some.map(({ hour, slice }) => place.keys.ledger(hour, slice)),
        entries: some.map(({ field, value }) => ({ field, value })),
      });
    }
  }
}

/** The ledger's possible entries for one chunk's rows, refreshed sessions included. */
async function readEntries(
  { redis, keys }: Place,
  batch: Batch,
  chunk: number,
  nowMs: number,
): Promise<LedgerEntry[]> {
  const [packed, now, earlier] = await Promise.all([
    redis.getBuffer(keys.chunk(batch.id, chunk)),
    redis.hgetall(keys.outcomes(batch.id, chunk)),
    redis.hgetall(keys.earlier(batch.id, chunk)),
  ]);
  if (packed === null) return [];
  const rows = await unpackRows(packed);
  return rows.flatMap((row) => {
    const text = now[String(row.row)];
    const outcomes = [
      ...unpackEarlier(earlier[String(row.row)] ?? null),
      ...(text === undefined ? [] : [unpackOutcome(text)]),
    ].filter(({ session }) => session !== undefined && isListed(session.expiresAtMs, nowMs));
    if (outcomes.length === 0) return [];
    const checked = checkRow(batch.shape, row);
    return checked.ok ? entriesOf(batch, row.row, outcomes, checked.source) : [];
  });
}

function entriesOf(batch: Batch, row: number, outcomes: Outcome[], source: Source): LedgerEntry[] {
  const digest = digestSource(source);
  return outcomes.flatMap((outcome) => ledgerEntry(batch, row, outcome, digest) ?? []);
}
