import { z } from 'zod';
import { damagedOutcome } from '../../../core/row/damaged-record.ts';
import type { FailedAttempt } from '../../../core/row/failed-attempt.ts';
import type { Outcome } from '../../../core/row/outcome.ts';
import { OUTCOME_STATUSES } from '../../../core/row/row.ts';
import { storedJson } from './stored-json.ts';

/** An outcome as stored in Redis, a million at a time: one letter per field, absent fields left out. */
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
  /** Digest of the called source. */
  c: z.string().optional(),
  /** Duplicate of. */
  d: z.number().optional(),
  /** Kept from: batch and row. */
  k: z.tuple([z.string(), z.number()]).optional(),
  /** Cost: units, balance. */
  u: z.tuple([z.number(), z.number()]).optional(),
  /** Possible orphans. */
  o: z.number().optional(),
});
type PackedOutcome = z.infer<typeof packedOutcome>;
const stored = storedJson<PackedOutcome>(
  'The outcome of a row',
  packedOutcome as z.ZodType<PackedOutcome>,
);

export function packOutcome(outcome: Outcome): string {
  const { session, error, video } = outcome;
  const { status, finishedAtMs, cost } = outcome;
  const packed: PackedOutcome = { s: status, t: finishedAtMs, ...packCost(cost) };
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
  if (outcome.called !== undefined) packed.c = outcome.called;
  if (outcome.duplicateOf !== undefined) packed.d = outcome.duplicateOf;
  if (outcome.keptFrom) packed.k = [outcome.keptFrom.batchId, outcome.keptFrom.row];
  if (outcome.possibleOrphans) packed.o = outcome.possibleOrphans;
  return stored.write(packed);
}

const packCost = (cost: Outcome['cost']): Pick<PackedOutcome, 'u'> =>
  cost ? { u: [cost.units, cost.balance] } : {};

/** Text that occurs only in the outcome of a row with this session. */
export const mentionOfSession = (sessionId: string): string => `"i":[${JSON.stringify(sessionId)},`;

/** If `packOutcome` did not make the text, returns an outcome that represents the damage. */
export function unpackOutcome(text: string): Outcome {
  const packed = stored.tryRead(text);
  if (packed === null) return damagedOutcome(Number(/"t":(\d{1,15})\b/.exec(text)?.[1] ?? 0));
  return { ...unpackEnding(packed), ...unpackCalls(packed) };
}

function unpackEnding(packed: PackedOutcome): Omit<Outcome, 'attempts'> {
  const { i, e, v, k } = packed;
  return {
    status: packed.s,
    finishedAtMs: packed.t,
    warnings: packed.w ?? [],
    ...(i && { session: { id: i[0], expiresAtMs: packed.t + i[1] } }),
    ...(e && { error: { code: e[0], message: e[1] } }),
    ...(v && { video: unpackVideo(v) }),
    ...(packed.d !== undefined && { duplicateOf: packed.d }),
    ...(k && { keptFrom: { batchId: k[0], row: k[1] } }),
  };
}

/** The fields about the row's calls. */
const unpackCalls = (
  packed: PackedOutcome,
): Pick<
  Outcome,
  'attempts' | 'requestId' | 'httpStatus' | 'failedAttempts' | 'called' | 'cost' | 'possibleOrphans'
> => ({
  attempts: packed.a ?? 0,
  ...(packed.r !== undefined && { requestId: packed.r }),
  ...(packed.h !== undefined && { httpStatus: packed.h }),
  ...(packed.f && { failedAttempts: packed.f.map((call) => unpackAttempt(call, packed.t)) }),
  ...(packed.c !== undefined && { called: packed.c }),
  ...(packed.u && { cost: { units: packed.u[0], balance: packed.u[1] } }),
  ...(packed.o !== undefined && { possibleOrphans: packed.o }),
});

/** A row's earlier outcomes, one a line, oldest first; empty if it had none. */
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
