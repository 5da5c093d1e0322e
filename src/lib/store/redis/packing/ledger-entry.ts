import { hash } from 'node:crypto';
import type { BatchRef } from '../../../core/batch/batch.ts';
import type { Outcome } from '../../../core/row/outcome.ts';
import type { SourceDigest } from './source-digest.ts';

/**
 * The ledger says which row has a live session of a video. Each of its hashes is named after the hour in which its
 * sessions expire. The hash expires with them.
 */
export interface LedgerEntry {
  /** Hours since 1970. */
  hour: number;
  slice: string;
  field: string;
  value: string;
  expiresAtS: number;
}

const HOUR_MS = 3_600_000;
/** Kling: a session lives for 24 hours. */
const LIFETIME_HOURS = 24;

/** Null if the outcome opened no session. */
export function ledgerEntry(
  batch: BatchRef,
  row: number,
  { status, session }: Outcome,
  digest: SourceDigest | null,
): LedgerEntry | null {
  if (status !== 'succeeded' || session === undefined || digest === null) return null;
  const hour = Math.floor(session.expiresAtMs / HOUR_MS);
  const expiresAtS = ((hour + 1) * HOUR_MS) / 1_000;
  const value = `${batch.id}:${row}:${stampOf(batch, session.id)}`;
  return { hour, slice: digest.slice, field: digest.listed, value, expiresAtS };
}

/** Distinguishes one session of one incarnation from every other session that the row has ever had: 4 characters. */
export const stampOf = ({ incarnation }: BatchRef, sessionId: string): string =>
  hash('sha256', `${incarnation} ${sessionId}`, 'buffer').toString('base64url', 0, 3);

/** Whether sessions with this expiry may still have entries. */
export const isListed = (expiresAtMs: number, nowMs: number): boolean =>
  expiresAtMs + HOUR_MS > nowMs;

/** Hours in which a session that is live now may expire, latest first. */
export function ledgerHours(nowMs: number): number[] {
  const present = Math.floor(nowMs / HOUR_MS);
  return Array.from(
    { length: LIFETIME_HOURS + 1 },
    (_, offset) => present + LIFETIME_HOURS - offset,
  );
}

/** Null for an entry of version 0.1, which does not say whose session it means. */
export function parseLedgerValue(
  value: string,
): { batchId: string; row: number; stamp: string } | null {
  const [batchId = '', row, stamp] = value.split(':');
  return stamp === undefined ? null : { batchId, row: Number(row), stamp };
}
