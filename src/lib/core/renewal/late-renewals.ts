import type { Batch } from '../batch/batch.ts';

/** A session is due to be renewed earlier; one that expires within this time and was not renewed will expire. */
export const LATE_MS = 10 * 60_000;

/** Whether each session of the batch that expires within `LATE_MS` should have been renewed by now. */
export const areKeptAlive = ({ keepAlive, state }: Batch, nowMs: number): boolean =>
  keepAlive !== null && nowMs + LATE_MS < keepAlive.untilMs && state !== 'importing';
