import type { Source } from '../../../core/manifest/source.ts';
import type { Outcome } from '../../../core/row/outcome.ts';
import { digestSource } from './source-digest.ts';

/**
 * The ledger says which row has a live session of a video. Its hashes are named after the hour in which their
 * sessions expire, and expire with it, so that it forgets when the sessions do.
 */
export interface LedgerEntry {
  /** Hours since 1970. */
  hour: number;
  slice: string;
  /** Empty when the outcome opened no session. */
  field: string;
  value: string;
  expiresAtS: number;
}

const HOUR_MS = 3_600_000;
/** Kling: a session lives for 24 hours. */
const LIFETIME_HOURS = 24;

const NO_ENTRY: LedgerEntry = { hour: 0, slice: '', field: '', value: '', expiresAtS: 0 };

export function ledgerEntry(
  batchId: string,
  row: number,
  { status, session }: Outcome,
  source: Source | null,
): LedgerEntry {
  if (status !== 'succeeded' || session === undefined || source === null) return NO_ENTRY;
  const { digest, slice } = digestSource(source);
  const hour = Math.floor(session.expiresAtMs / HOUR_MS);
  const expiresAtS = ((hour + 1) * HOUR_MS) / 1_000;
  return { hour, slice, field: digest, value: `${batchId}:${row}`, expiresAtS };
}

/** Hours in which a session that lives now may expire, latest first. */
export function ledgerHours(nowMs: number): number[] {
  const present = Math.floor(nowMs / HOUR_MS);
  return Array.from(
    { length: LIFETIME_HOURS + 1 },
    (_, offset) => present + LIFETIME_HOURS - offset,
  );
}

export function parseLedgerValue(value: string): { batchId: string; row: number } {
  const at = value.lastIndexOf(':');
  return { batchId: value.slice(0, at), row: Number(value.slice(at + 1)) };
}
