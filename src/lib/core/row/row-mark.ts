import type { Outcome } from './outcome.ts';
import { OUTCOME_STATUSES, type OutcomeStatus } from './row.ts';

/**
 * Two bytes that show how a row ended without reading its outcome: the exact status in the upper four bits, and a
 * hash of the error code in twelve bits, which rules out rows with another code. 0: the row has not ended.
 */
export type RowMark = number;

export const NO_MARK: RowMark = 0;

const CODE_BITS = 12;
const NO_CODE = 0;

export function markOf({ status, error }: Pick<Outcome, 'status' | 'error'>): RowMark {
  const code = error === undefined ? NO_CODE : hashOf(error.code);
  return ((OUTCOME_STATUSES.indexOf(status) + 1) << CODE_BITS) | code;
}

export const statusOfMark = (mark: RowMark): OutcomeStatus | null =>
  OUTCOME_STATUSES[(mark >> CODE_BITS) - 1] ?? null;

/** False is certain; true is wrong once in a few thousand codes. */
export const mayHaveCode = (mark: RowMark, code: string): boolean =>
  (mark & (2 ** CODE_BITS - 1)) === hashOf(code);

/** FNV-1a, folded to 1 … 4095. */
function hashOf(code: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < code.length; at += 1) {
    hash = Math.imul(hash ^ code.charCodeAt(at), 0x01000193);
  }
  return ((hash >>> 0) % (2 ** CODE_BITS - 1)) + 1;
}
