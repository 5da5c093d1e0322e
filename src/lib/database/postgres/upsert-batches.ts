import type { Client } from 'pg';
import type { Batch } from '../../core/batch/batch.ts';
import { asText } from '../cells-as-json.ts';

/** Batches as they are now. The writer has read them after everything that is stored. */
export async function upsertBatches(
  client: Client,
  schema: string,
  feedId: string,
  batches: readonly Batch[],
): Promise<void> {
  if (batches.length === 0) return;
  const records = JSON.stringify(batches.map((batch) => toRecord(feedId, batch)));
  await client.query(upsert(schema), [records]);
}

const iso = (timeMs: number | null): string | null =>
  timeMs === null ? null : new Date(timeMs).toISOString();
const orNull = (text: string | null): string | null => (text === null ? null : asText(text));

const toRecord = (feedId: string, batch: Batch) => ({
  id: batch.id,
  incarnation: batch.incarnation,
  feed_id: feedId,
  name: asText(batch.name),
  state: batch.state,
  state_reason: orNull(batch.stateReason),
  schedule: orNull(batch.arrangements.schedule),
  tags: batch.arrangements.tags.map(asText),
  priority: batch.priority,
  mends: batch.mends,
  continues: batch.lineage?.after ?? null,
  manifest_sha256: batch.manifestSha256,
  created_at: iso(batch.createdAtMs),
  finished_at: iso(batch.finishedAtMs),
  finish_by: iso(batch.arrangements.finishBy?.atMs ?? null),
  total_rows: batch.rows,
  counts: batch.counts,
});

const TYPES: Record<keyof ReturnType<typeof toRecord>, string> = {
  id: 'text',
  incarnation: 'text',
  feed_id: 'text',
  name: 'text',
  state: 'text',
  state_reason: 'text',
  schedule: 'text',
  tags: 'text[]',
  priority: 'int',
  mends: 'text',
  continues: 'text',
  manifest_sha256: 'text',
  created_at: 'timestamptz',
  finished_at: 'timestamptz',
  finish_by: 'timestamptz',
  total_rows: 'int',
  counts: 'jsonb',
};

function upsert(schema: string): string {
  const names = Object.keys(TYPES);
  const types = Object.entries(TYPES).map(([name, type]) => `${name} ${type}`);
  return (
    `INSERT INTO ${schema}.batches (${names.join(', ')}) ` +
    `SELECT ${names.join(', ')} FROM json_to_recordset($1::json) AS n(${types.join(', ')}) ` +
    `ON CONFLICT (id, incarnation) DO UPDATE SET ${names.map((name) => `${name} = excluded.${name}`).join(', ')}`
  );
}
