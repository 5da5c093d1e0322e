import { MILLIONTHS, NO_COST } from '../../../core/budget/cost.ts';
import type { Outcome } from '../../../core/row/outcome.ts';
import type { PendingState } from '../../../core/row/row.ts';
import { markOf } from '../../../core/row/row-mark.ts';
import { oldestPaceBucket, paceBucket, sessionBucket } from '../../../core/time-buckets.ts';
import { hashOfSession } from './latest-sessions.ts';
import type { LedgerEntry } from './ledger-entry.ts';
import { mentionOfSession, packOutcome } from './pack-outcome.ts';
import type { SourceDigest } from './source-digest.ts';

/** Adds the digest of the called source, or of the source whose session was reused. */
export function withCalled(outcome: Outcome, digest: SourceDigest | null): Outcome {
  const { session, attempts } = outcome;
  if (digest === null || (session === undefined && attempts === 0)) return outcome;
  return { ...outcome, called: digest.called };
}

/** What `record-outcome.lua` compares and changes beside the outcome. */
export interface RecordPlace {
  row: number;
  /** The row's progress as stored. */
  expected: string;
  stateBefore: PendingState;
  ledger: LedgerEntry | null;
  /** The key of the ledger, if there is an entry. */
  ledgers: readonly string[];
  givesBack: number | string;
}

/**
 * An outcome as the arguments of `record-outcome.lua`. Written out, because spreading as many fields leaves ten times
 * as much garbage, and every row does it.
 */
export function packRecord(outcome: Outcome, place: RecordPlace) {
  const { status, finishedAtMs, possibleOrphans = 0 } = outcome;
  const ending = packEnding(outcome);
  const opened = packOpened(outcome, place.ledger);
  return {
    row: place.row,
    expected: place.expected,
    ledgers: place.ledgers,
    givesBack: place.givesBack,
    stateBefore: place.stateBefore,
    outcome: ending.outcome,
    mark: ending.mark,
    status,
    errorCode: ending.errorCode,
    errorMessage: ending.errorMessage,
    sessionBucket: ending.sessionBucket,
    units: opened.units,
    balance: opened.balance,
    ledgerField: opened.ledgerField,
    ledgerValue: opened.ledgerValue,
    ledgerExpiresAtS: opened.ledgerExpiresAtS,
    mention: opened.mention,
    sessionHash: opened.sessionHash,
    nowMs: finishedAtMs,
    possibleOrphans,
    hasFailed: status === 'failed' || status === 'unconfirmed' ? '1' : '0',
    paceBucket: paceBucket(finishedAtMs),
    oldestPaceBucket: oldestPaceBucket(finishedAtMs),
  };
}

/** What the session of an outcome adds to its batch. */
export function packOpened(outcome: Outcome, ledger: LedgerEntry | null) {
  const { status, session, cost = NO_COST } = outcome;
  const opened = status === 'succeeded' ? session : undefined;
  return {
    units: Math.round(cost.units * MILLIONTHS),
    balance: Math.round(cost.balance * MILLIONTHS),
    ledgerField: ledger?.field ?? '',
    ledgerValue: ledger?.value ?? '',
    ledgerExpiresAtS: ledger?.expiresAtS ?? 0,
    mention: opened ? mentionOfSession(opened.id) : '',
    sessionHash: opened ? hashOfSession(opened.id) : 0,
  };
}

/** An outcome, its mark and the counters it belongs to; '' means none. */
export const packEnding = (outcome: Outcome) => ({
  outcome: packOutcome(outcome),
  mark: markOf(outcome),
  status: outcome.status,
  errorCode: countedCode(outcome),
  errorMessage: outcome.error?.message ?? '',
  sessionBucket: outcome.session ? sessionBucket(outcome.session.expiresAtMs) : '',
});

/** The code to count among a batch's errors. Cancellations are not errors. */
export const countedCode = ({ status, error }: Outcome): string =>
  status === 'cancelled' ? '' : (error?.code ?? '');
