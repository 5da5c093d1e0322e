import { hash } from 'node:crypto';
import { CHUNK_ROWS } from '../../../core/batch/chunk.ts';
import type { Source } from '../../../core/manifest/source.ts';
import type { Outcome } from '../../../core/row/outcome.ts';
import type { PendingState } from '../../../core/row/row.ts';
import { markOf } from '../../../core/row/row-mark.ts';
import { oldestPaceBucket, paceBucket, sessionBucket } from '../../../core/time-buckets.ts';
import { transitionsJson } from './batch-hash.ts';
import type { LedgerEntry } from './ledger-entry.ts';
import { packMark } from './pack-mark.ts';
import { mentionOfSession, packOutcome } from './pack-outcome.ts';
import { digestSource } from './source-digest.ts';

/** With the digest of the source that was called, or whose session was reused. */
export function withCalled(outcome: Outcome, source: Source | null): Outcome {
  const { session, attempts } = outcome;
  if (source === null || (session === undefined && attempts === 0)) return outcome;
  return { ...outcome, called: digestSource(source).called };
}

/** An outcome as `record-outcome.lua` takes it, from its third argument on. */
export function packRecord(
  outcome: Outcome,
  stateBefore: PendingState,
  ledger: LedgerEntry | null,
): (string | number | Buffer)[] {
  const { status, session, error, finishedAtMs, possibleOrphans = 0 } = outcome;
  const opened = status === 'succeeded' ? session : undefined;
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
    ledger?.field ?? '',
    ledger?.value ?? '',
    ledger?.expiresAtS ?? 0,
    packMark(markOf(outcome)),
    opened ? mentionOfSession(opened.id) : '',
    opened ? hash('sha1', opened.id, 'buffer').readUInt32BE() : 0,
    CHUNK_ROWS,
  ];
}

/** The code that is counted among a batch's errors. A cancellation is none; nor do rows count that were cancelled together. */
export const countedCode = ({ status, error }: Outcome): string =>
  status === 'cancelled' ? '' : (error?.code ?? '');
