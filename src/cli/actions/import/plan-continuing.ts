import type { ContinuationCounts } from '../../../lib/core/continuing/describe-continuation.ts';
import { formatRows } from '../../../lib/core/in-words.ts';
import { openReadings } from '../../../library/wiring/stores.ts';
import { whoAmI } from '../../../library/wiring/who.ts';
import { checkKeys, findContinued } from '../../../producer/continuing/continue-import.ts';
import { findLiveElsewhere } from '../../../producer/continuing/find-live-elsewhere.ts';
import { importOptions } from '../../../producer/import-request.ts';
import { machineZone } from '../../options/machine-zone.ts';
import { CliError, EXIT } from '../../process/exit.ts';
import { nullIfNotUsable } from '../../wiring/present-pace.ts';
import { foreseeCalls, foreseeContinuing } from './foresee-continuing.ts';
import { continuationOf, type ImportTask } from './import-task.ts';

/** What an import would continue. */
export interface PlannedContinuation {
  /** Null when there is no earlier batch. */
  batchId: string | null;
  /** What becomes of the rows; null when all are called. */
  counts: ContinuationCounts | null;
  /** What an import would print, and what it would ask. */
  sentences: string[];
}

/**
 * Changes nothing. Null when there is nothing to say: neither an option nor the manifest asks to continue, and its videos
 * have no sessions, or Redis cannot be read.
 * @throws what the import throws.
 */
export async function planContinuing(task: ImportTask): Promise<PlannedContinuation | null> {
  const { manifest, flags, signal } = task;
  const { key } = flags;
  if (flags.continue !== null || manifest.reportOf !== null) return await compareWithEarlier(task);
  const keys = key === null ? [] : await checkKeys({ signal }, manifest, key);
  const elsewhere = await findSessions(task);
  if (keys.length === 0 && elsewhere === null) return null;
  const sentences = [...keys, ...(elsewhere === null ? [] : [elsewhere])];
  return { batchId: null, counts: null, sentences };
}

/** The sentence about videos that have sessions already, as the import says it. */
async function findSessions({ manifest, flags, settings }: ImportTask): Promise<string | null> {
  if (flags.fresh || flags.reuse || flags.mends !== null || flags.diff !== undefined) return null;
  await using readings = await openReadings(settings, 'kling-sessions-plan').catch(nullIfNotUsable);
  if (readings === null) return null;
  const options = importOptions(flags, Date.now(), machineZone);
  return await findLiveElsewhere({ ...readings, now: Date.now }, manifest, options);
}

async function compareWithEarlier(task: ImportTask): Promise<PlannedContinuation> {
  const { manifest, flags, settings, terminal, signal } = task;
  await using readings = await openReadings(settings, 'kling-sessions-plan');
  const foreseen: string[] = [];
  const continued = await findContinued(
    {
      ...readings,
      now: Date.now,
      who: whoAmI(),
      onProgress: (rows) => terminal.live(`Comparing: ${formatRows(rows)}`),
      confirm: async (batch, means) => {
        const found = await foreseeContinuing(readings.store, batch, means, Date.now());
        foreseen.push(...found.sentences);
      },
      confirmCalls: async (batch, { calls }) => {
        const sentence = await foreseeCalls(readings.store, batch, calls, Date.now());
        if (sentence !== null) foreseen.push(sentence);
      },
      signal,
    },
    manifest,
    importOptions(flags, Date.now(), machineZone),
    continuationOf(flags),
    null,
  );
  if (continued.kind === 'refused') throw new CliError(EXIT.usage, continued.sentence);
  if (continued.kind === 'nothing') {
    const sentences = ['It continues no earlier batch.', ...continued.sentences];
    return { batchId: null, counts: null, sentences };
  }
  return {
    batchId: continued.batch.id,
    counts: continued.comparison?.continuation ?? null,
    sentences: [...continued.sentences, ...foreseen],
  };
}
