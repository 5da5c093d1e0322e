import type { BatchStatus } from '../../lib/batch/batch-status.ts';
import { isEnded } from '../../lib/core/batch/batch.ts';
import { neverAborted } from '../connection/abortable.ts';
import { BatchError } from '../errors/batch-error.ts';
import type { BatchProgress } from './batch-progress.ts';
import { findStuck, followStatus } from './follow-status.ts';
import { toProgress } from './to-progress.ts';
import type { WaitOptions, WatchOptions } from './watch-options.ts';

const SHORTEST_LOOK_MS = 50;
const DEFAULT_LOOK_MS = 1_000;

const follow = (
  read: () => Promise<BatchStatus>,
  { everyMs = DEFAULT_LOOK_MS, signal }: WatchOptions,
): AsyncGenerator<BatchStatus> =>
  followStatus(read, signal ?? neverAborted(), Math.max(everyMs, SHORTEST_LOOK_MS));

/** The first progress, then each one that differs from the one before. */
export async function* watch(
  read: () => Promise<BatchStatus>,
  options: WatchOptions,
): AsyncGenerator<BatchProgress> {
  let last = '';
  for await (const status of follow(read, options)) {
    const progress = toProgress(status);
    const text = JSON.stringify(progress);
    if (text !== last) yield progress;
    last = text;
  }
}

/** @throws BatchError `person_needed` */
export async function waitForEnd(
  read: () => Promise<BatchStatus>,
  options: WaitOptions,
): Promise<BatchProgress> {
  for await (const status of follow(read, options)) {
    if (isEnded(status.batch.state)) return toProgress(status);
    const stuck = options.isPatient ? null : findStuck(status);
    if (stuck !== null) throw new BatchError('person_needed', status.batch.id, stuck.sentence);
    options.signal?.throwIfAborted();
  }
  throw new Error('a batch was followed beyond its end');
}
