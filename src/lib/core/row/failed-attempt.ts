import type { ApiFailure } from '../answer/api-failure.ts';

/** A call that cost its row an attempt and was to be followed by another. */
export interface FailedAttempt {
  atMs: number;
  code: string;
  message: string;
  /** Null when there was no answer. */
  httpStatus: number | null;
  requestId: string | null;
}

export const failedAttempt = (
  { code, message, httpStatus, requestId }: ApiFailure,
  atMs: number,
): FailedAttempt => ({ atMs, code, message, httpStatus, requestId });
