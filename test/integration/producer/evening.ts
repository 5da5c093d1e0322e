import type { Outcome } from '../../../src/lib/core/row/outcome.ts';
import { findContinued } from '../../../src/producer/continuing/continue-import.ts';
import { importBatch } from '../../../src/producer/import-batch.ts';
import { IMPORT_OPTIONS } from '../../setup/examples/import-options.ts';
import { signal } from '../../unit/producer/manifest/manifest-fixture.ts';
import { type Producer, withManifest } from './producer-test.ts';

const START_MS = Date.UTC(2026, 4, 31, 12);
const HOUR_MS = 3_600_000;

/** How one of a day's imports of a table is made. */
export interface Evening {
  key?: string[] | null;
  isFresh?: boolean;
  atHours?: number;
  columns?: string;
  /** Tables of the same origin continue each other. */
  origin?: string;
  /** The lines whose calls fail; default none. */
  failing?: ReadonlySet<string>;
}

/**
 * Imports the table, continuing what it was before, and ends its other rows with sessions `<video>@<hour>`, or
 * `<video>@<hour>.<row>` where several rows have the video. Returns the rows that were called, and the sentence about all of
 * them.
 */
export async function importEvening(producer: Producer, lines: string[], evening: Evening = {}) {
  const { key = null, isFresh = false, atHours = 0, columns = 'sku,video_url,title' } = evening;
  const nowMs = START_MS + atHours * HOUR_MS;
  const context = { ...producer, now: () => nowMs, signal, countWorkers: async () => 0, who: 'a' };
  const content = [columns, ...lines].join('\n');
  return await withManifest(content, async (manifest) => {
    const request = { continues: null, key, isFresh, origin: evening.origin ?? 'clips' };
    const found = await findContinued(context, manifest, IMPORT_OPTIONS, request, context);
    if (found.kind === 'refused') throw new Error(found.sentence);
    const options = { ...IMPORT_OPTIONS, ...(key && { key }), ...found.options };
    const result = await importBatch(context, manifest, options);
    if (result.kind !== 'imported') throw new Error(result.kind);
    const { id } = result.batch;
    const kept = await producer.store.readOutcomes(id, 0);
    const called = lines.filter((_, at) => !kept.has(at + 1));
    for (const at of lines.keys()) {
      if (kept.has(at + 1)) continue;
      await producer.end(id, at + 1, endOf(lines, at, nowMs, evening), videoOf(lines, at));
    }
    return { id, called, sentence: found.sentences[0], kept };
  });
}

const videoOf = (lines: readonly string[], at: number): string => lines[at]?.split(',')[1] ?? '';

function endOf(lines: string[], at: number, nowMs: number, evening: Evening): Partial<Outcome> {
  const { atHours = 0, failing } = evening;
  if (failing?.has(lines[at] ?? '')) {
    const error = { code: 'refused', message: 'No.' };
    return { status: 'failed', finishedAtMs: nowMs, error };
  }
  const video = videoOf(lines, at);
  const isAlone = lines.filter((_, other) => videoOf(lines, other) === video).length === 1;
  const id = `${video}@${atHours}${isAlone ? '' : `.${at + 1}`}`;
  return { finishedAtMs: nowMs, session: { id, expiresAtMs: nowMs + 24 * HOUR_MS } };
}
