import { z } from 'zod';
import type { FailedAttempt } from '../../../core/row/attempt.ts';
import type { Outcome } from '../../../core/row/outcome.ts';
import { OUTCOME_STATUSES } from '../../../core/row/row.ts';

/** An outcome as it lies in Redis, a million at a time: one letter per field, absent fields left out. */
const packedOutcome = z.object({
  s: z.enum(OUTCOME_STATUSES),
  /** Finished at, ms. */
  t: z.number(),
  /** Attempts. */
  a: z.number().optional(),
  /** Session id and its expiry in ms after `t`. */
  i: z.tuple([z.string(), z.number()]).optional(),
  /** Error code and message. */
  e: z.tuple([z.string(), z.string()]).optional(),
  w: z.array(z.string()).optional(),
  r: z.string().optional(),
  /** HTTP status. */
  h: z.number().optional(),
  /** Earlier attempts: ms before `t`, code, message, HTTP status, request id. */
  f: z
    .array(
      z.tuple([z.number(), z.string(), z.string(), z.number().nullable(), z.string().nullable()]),
    )
    .optional(),
  /** Duration in s, width, height, fps; null where unknown. */
  v: z.array(z.number().nullable()).optional(),
  /** Duplicate of. */
  d: z.number().optional(),
  /** Possible orphans. */
  o: z.number().optional(),
});
type PackedOutcome = z.infer<typeof packedOutcome>;

export function packOutcome(outcome: Outcome): string {
  const { session, error, video } = outcome;
  const packed: PackedOutcome = { s: outcome.status, t: outcome.finishedAtMs };
  if (outcome.attempts > 0) packed.a = outcome.attempts;
  if (session) packed.i = [session.id, session.expiresAtMs - outcome.finishedAtMs];
  if (error) packed.e = [error.code, error.message];
  if (outcome.warnings.length > 0) packed.w = outcome.warnings;
  if (outcome.requestId !== undefined) packed.r = outcome.requestId;
  if (outcome.httpStatus !== undefined) packed.h = outcome.httpStatus;
  if (outcome.failedAttempts)
    packed.f = outcome.failedAttempts.map((call) => packAttempt(call, packed.t));
  if (video) {
    packed.v = [video.durationS, video.width, video.height, video.fps].map((n) => n ?? null);
  }
  if (outcome.duplicateOf !== undefined) packed.d = outcome.duplicateOf;
  if (outcome.possibleOrphans) packed.o = outcome.possibleOrphans;
  return JSON.stringify(packed);
}

/** Throws when the text is not what `packOutcome` made. */
export function unpackOutcome(text: string): Outcome {
  const packed = packedOutcome.parse(JSON.parse(text));
  const { i, e, v } = packed;
  return {
    status: packed.s,
    finishedAtMs: packed.t,
    attempts: packed.a ?? 0,
    warnings: packed.w ?? [],
    ...(i && { session: { id: i[0], expiresAtMs: packed.t + i[1] } }),
    ...(e && { error: { code: e[0], message: e[1] } }),
    ...(packed.r !== undefined && { requestId: packed.r }),
    ...(packed.h !== undefined && { httpStatus: packed.h }),
    ...(packed.f && { failedAttempts: packed.f.map((call) => unpackAttempt(call, packed.t)) }),
    ...(v && { video: unpackVideo(v) }),
    ...(packed.d !== undefined && { duplicateOf: packed.d }),
    ...(packed.o !== undefined && { possibleOrphans: packed.o }),
  };
}

/** A row's earlier outcomes, one a line, oldest first; null when it had none. */
export const unpackEarlier = (lines: string | null): Outcome[] =>
  lines === null ? [] : lines.split('\n').map(unpackOutcome);

type PackedAttempt = NonNullable<PackedOutcome['f']>[number];

const packAttempt = (call: FailedAttempt, endMs: number): PackedAttempt => [
  endMs - call.atMs,
  call.code,
  call.message,
  call.httpStatus,
  call.requestId,
];

const unpackAttempt = (
  [beforeEndMs, code, message, httpStatus, requestId]: PackedAttempt,
  endMs: number,
): FailedAttempt => ({ atMs: endMs - beforeEndMs, code, message, httpStatus, requestId });

function unpackVideo(v: (number | null)[]): NonNullable<Outcome['video']> {
  const [durationS, width, height, fps] = v.map((n) => n ?? undefined);
  return {
    ...(durationS !== undefined && { durationS }),
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
    ...(fps !== undefined && { fps }),
  };
}
