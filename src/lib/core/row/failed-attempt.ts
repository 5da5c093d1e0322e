import type { ApiFailure } from '../answer/api-failure.ts';

/** A call that cost its row an attempt and was followed by another. */
export interface FailedAttempt {
  atMs: number;
  code: string;
  message: string;
  /** Null without an answer. */
  httpStatus: number | null;
  requestId: string | null;
}

export const failedAttempt = (
  { code, message, httpStatus, requestId }: ApiFailure,
  atMs: number,
): FailedAttempt => ({ atMs, code, message, httpStatus, requestId });
