import { z } from 'zod';
import { damagedOutcome } from '../../../core/row/damaged-record.ts';
import type { FailedAttempt } from '../../../core/row/failed-attempt.ts';
import type { Outcome } from '../../../core/row/outcome.ts';
import type { Renewal } from '../../../core/row/renewal.ts';
import { OUTCOME_STATUSES, type OutcomeStatus } from '../../../core/row/row.ts';
import { storedJson } from './stored-json.ts';

const packedAttempt = z.tuple([
  z.number(),
  z.string(),
  z.string(),
  z.number().nullable(),
  z.string().nullable(),
]);

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
  f: z.array(packedAttempt).optional(),
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
  /** When unclear calls began: ms before `t`. */
  l: z.array(z.number()).optional(),
  /** What was done to renew the session. */
  n: z
    .object({
      /** Attempts, and those of them that got no clear answer. */
      a: z.number(),
      u: z.number(),
      /** 1 during a call. */
      c: z.literal(1).optional(),
      /** When the latest call began. */
      b: z.number().nullable(),
      /** Errors of this program. */
      x: z.number().optional(),
      /** The gate's open time at the first call. */
      g: z.number().nullable(),
      /** The write. */
      w: z.string(),
      f: z.array(packedAttempt),
      /** Why it was given up. */
      e: z.string().optional(),
    })
    .optional(),
});
export type PackedOutcome = z.infer<typeof packedOutcome>;
const stored = storedJson<PackedOutcome>(
  'The outcome of a row',
  packedOutcome as z.ZodType<PackedOutcome>,
);

/** Checks of the fields that nearly every outcome has: the schema takes ten times as long, and millions are read. */
const USUAL: ReadonlyMap<string, (value: unknown) => boolean> = new Map(
  Object.entries({
    s: (value: unknown) => OUTCOME_STATUSES.includes(value as OutcomeStatus),
    t: Number.isFinite,
    a: Number.isFinite,
    i: isTextAndNumber,
    r: isText,
    c: isText,
    k: isTextAndNumber,
    v: (value: unknown) =>
      Array.isArray(value) && value.every((part) => part === null || Number.isFinite(part)),
  }),
);

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isTextAndNumber(value: unknown): boolean {
  return (
    Array.isArray(value) && value.length === 2 && isText(value[0]) && Number.isFinite(value[1])
  );
}

/** True for an outcome that has only usual fields, all of them valid. */
function isUsual(value: object): value is PackedOutcome {
  // It was parsed or made here, so it inherits no fields. `Object.entries` would create garbage for
  // each outcome.
  for (const name in value) {
    if (USUAL.get(name)?.(value[name as keyof typeof value]) !== true) return false;
  }
  return 's' in value && 't' in value;
}

export function packOutcome(outcome: Outcome): string {
  const packed = packFields(outcome);
  return isUsual(packed) ? JSON.stringify(packed) : stored.write(packed);
}

export function packFields(outcome: Outcome): PackedOutcome {
  const { session, error, video, cost } = outcome;
  const packed: PackedOutcome = { s: outcome.status, t: outcome.finishedAtMs };
  if (cost) packed.u = [cost.units, cost.balance];
  if (outcome.attempts > 0) packed.a = outcome.attempts;
  if (session) packed.i = [session.id, session.expiresAtMs - outcome.finishedAtMs];
  if (error) packed.e = [error.code, error.message];
  if (outcome.warnings.length > 0) packed.w = outcome.warnings;
  if (video) {
    packed.v = [video.durationS, video.width, video.height, video.fps].map((n) => n ?? null);
  }
  if (outcome.duplicateOf !== undefined) packed.d = outcome.duplicateOf;
  if (outcome.keptFrom) packed.k = [outcome.keptFrom.batchId, outcome.keptFrom.row];
  packCalls(packed, outcome);
  return packed;
}

function packCalls(packed: PackedOutcome, outcome: Outcome): void {
  const { t } = packed;
  const { requestId, httpStatus, failedAttempts, called, renewal } = outcome;
  if (requestId !== undefined) packed.r = requestId;
  if (httpStatus !== undefined) packed.h = httpStatus;
  if (failedAttempts) packed.f = failedAttempts.map((call) => packAttempt(call, t));
  if (called !== undefined) packed.c = called;
  if (outcome.possibleOrphans) packed.o = outcome.possibleOrphans;
  if (outcome.unclearCalls) packed.l = outcome.unclearCalls.map((beganMs) => t - beganMs);
  if (renewal) packed.n = packRenewal(renewal, t);
}

function packRenewal(renewal: Renewal, endMs: number): NonNullable<PackedOutcome['n']> {
  const { attempts, unconfirmed, isCalling, callBeganMs, faults, givenUp } = renewal;
  return {
    a: attempts,
    u: unconfirmed,
    ...(isCalling && { c: 1 }),
    b: callBeganMs,
    ...(faults > 0 && { x: faults }),
    g: renewal.firstCallOpenMs,
    w: renewal.writer,
    f: renewal.failedAttempts.map((call) => packAttempt(call, endMs)),
    ...(givenUp !== null && { e: givenUp }),
  };
}

const unpackRenewal = (n: NonNullable<PackedOutcome['n']>, endMs: number): Renewal => ({
  attempts: n.a,
  unconfirmed: n.u,
  isCalling: n.c === 1,
  callBeganMs: n.b,
  faults: n.x ?? 0,
  firstCallOpenMs: n.g,
  writer: n.w,
  failedAttempts: n.f.map((call) => unpackAttempt(call, endMs)),
  givenUp: n.e ?? null,
});

/** Text that occurs only in the outcome of a row with this session. */
export const mentionOfSession = (sessionId: string): string => `"i":[${JSON.stringify(sessionId)},`;

/** An outcome that names this session or request contains one of these texts. */
export function mentionsOfId(id: string): string[] {
  const text = JSON.stringify(id);
  return [mentionOfSession(id), `"r":${text}`, `,${text}]`];
}

/** If `packOutcome` did not make the text, returns an outcome that represents the damage. */
export function unpackOutcome(text: string): Outcome {
  const packed = readFields(text);
  return packed === null
    ? damagedOutcome(Number(/"t":(\d{1,15})\b/.exec(text)?.[1] ?? 0))
    : unpackFields(packed);
}

/** Null unless the text is JSON of the shape that `packFields` makes. */
export function readFields(text: string): PackedOutcome | null {
  try {
    const value: unknown = JSON.parse(text);
    return value instanceof Object && isUsual(value) ? value : stored.tryRead(text);
  } catch {
    return null;
  }
}

export function unpackFields(packed: PackedOutcome): Outcome {
  const outcome = {
    status: packed.s,
    finishedAtMs: packed.t,
    attempts: packed.a ?? 0,
    warnings: packed.w ?? [],
  };
  addEnding(outcome, packed);
  addCalls(outcome, packed);
  return outcome;
}

// Fields are assigned one by one: spreading objects that may be absent takes five times as long, and reports, the feed
// and the results database unpack millions.
function addEnding(outcome: Outcome, { t, i, e, v, d, k }: PackedOutcome): void {
  if (i) outcome.session = { id: i[0], expiresAtMs: t + i[1] };
  if (e) outcome.error = { code: e[0], message: e[1] };
  if (v) outcome.video = unpackVideo(v);
  if (d !== undefined) outcome.duplicateOf = d;
  if (k) outcome.keptFrom = { batchId: k[0], row: k[1] };
}

/** The fields about the row's calls. */
function addCalls(outcome: Outcome, { t, r, h, f, c, u, o, l, n }: PackedOutcome): void {
  if (r !== undefined) outcome.requestId = r;
  if (h !== undefined) outcome.httpStatus = h;
  if (f) outcome.failedAttempts = f.map((call) => unpackAttempt(call, t));
  if (c !== undefined) outcome.called = c;
  if (u) outcome.cost = { units: u[0], balance: u[1] };
  if (o !== undefined) outcome.possibleOrphans = o;
  if (l) outcome.unclearCalls = l.map((beforeEndMs) => t - beforeEndMs);
  if (n) outcome.renewal = unpackRenewal(n, t);
}

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
  const video: NonNullable<Outcome['video']> = {};
  if (v[0] != null) video.durationS = v[0];
  if (v[1] != null) video.width = v[1];
  if (v[2] != null) video.height = v[2];
  if (v[3] != null) video.fps = v[3];
  return video;
}
