import { hash } from 'node:crypto';
import { MILLIONTHS, NO_COST } from '../../../core/budget/cost.ts';
import type { Source } from '../../../core/manifest/source.ts';
import type { Outcome } from '../../../core/row/outcome.ts';
import type { PendingState } from '../../../core/row/row.ts';
import { markOf } from '../../../core/row/row-mark.ts';
import { oldestPaceBucket, paceBucket, sessionBucket } from '../../../core/time-buckets.ts';
import type { LedgerEntry } from './ledger-entry.ts';
import { packMark } from './pack-mark.ts';
import { mentionOfSession, packOutcome } from './pack-outcome.ts';
import { digestSource } from './source-digest.ts';

/** Adds the digest of the called source, or of the source whose session was reused. */
export function withCalled(outcome: Outcome, source: Source | null): Outcome {
  const { session, attempts } = outcome;
  if (source === null || (session === undefined && attempts === 0)) return outcome;
  return { ...outcome, called: digestSource(source).called };
}

/** An outcome as the arguments of `record-outcome.lua`. */
export function packRecord(
  outcome: Outcome,
  stateBefore: PendingState,
  ledger: LedgerEntry | null,
) {
  const { status, session, finishedAtMs, possibleOrphans = 0, cost = NO_COST } = outcome;
  const opened = status === 'succeeded' ? session : undefined;
  const hasFailed = status === 'failed' || status === 'unconfirmed';
  return {
    ...packEnding(outcome),
    stateBefore,
    nowMs: finishedAtMs,
    possibleOrphans,
    units: Math.round(cost.units * MILLIONTHS),
    balance: Math.round(cost.balance * MILLIONTHS),
    hasFailed: hasFailed ? '1' : '0',
    paceBucket: paceBucket(finishedAtMs),
    oldestPaceBucket: oldestPaceBucket(finishedAtMs),
    ledgerField: ledger?.field ?? '',
    ledgerValue: ledger?.value ?? '',
    ledgerExpiresAtS: ledger?.expiresAtS ?? 0,
    mention: opened ? mentionOfSession(opened.id) : '',
    sessionHash: opened ? hash('sha1', opened.id, 'buffer').readUInt32BE() : 0,
  };
}

/** An outcome, its mark and the counters it belongs to; '' means none. */
export const packEnding = (outcome: Outcome) => ({
  outcome: packOutcome(outcome),
  mark: packMark(markOf(outcome)),
  status: outcome.status,
  errorCode: countedCode(outcome),
  errorMessage: outcome.error?.message ?? '',
  sessionBucket: outcome.session ? sessionBucket(outcome.session.expiresAtMs) : '',
});

/** The code to count among a batch's errors. Cancellations are not errors. */
const countedCode = ({ status, error }: Outcome): string =>
  status === 'cancelled' ? '' : (error?.code ?? '');
