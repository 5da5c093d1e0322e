import type { Outcome } from '../../../core/row/outcome.ts';
import type { PendingState } from '../../../core/row/row.ts';
import { markOf } from '../../../core/row/row-mark.ts';
import { oldestPaceBucket, paceBucket, sessionBucket } from '../../../core/time-buckets.ts';
import { transitionsJson } from './batch-hash.ts';
import type { LedgerEntry } from './ledger-entry.ts';
import { packMark } from './pack-mark.ts';
import { packOutcome } from './pack-outcome.ts';

/** An outcome as `record-outcome.lua` takes it, from its third argument on. */
export function packRecord(
  outcome: Outcome,
  stateBefore: PendingState,
  ledger: LedgerEntry,
): (string | number | Buffer)[] {
  const { status, session, error, finishedAtMs, possibleOrphans = 0 } = outcome;
  const hasFailed = status === 'failed' || status === 'unconfirmed';
  return [
    packOutcome(outcome),
    stateBefore,
    status,
    finishedAtMs,
    countedCode(outcome),
    error?.message ?? '',
    possibleOrphans,
    hasFailed ? '1' : '0',
    transitionsJson('all_rows_ended'),
    paceBucket(finishedAtMs),
    oldestPaceBucket(finishedAtMs),
    session ? sessionBucket(session.expiresAtMs) : '',
    ledger.field,
    ledger.value,
    ledger.expiresAtS,
    packMark(markOf(outcome)),
  ];
}

/** The code that is counted among a batch's errors. That somebody cancelled is none; nor do rows count that were cancelled together. */
export const countedCode = ({ status, error }: Outcome): string =>
  status === 'cancelled' ? '' : (error?.code ?? '');
