/**
 * Every Redis key and channel of this program. They share one hash tag, so that a cluster keeps them together with
 * BullMQ's. By default `{kling-sessions}:…`.
 */
export interface Keys {
  /** Prefix for BullMQ. */
  bullmq: string;
  /** HASH: batch identity → batch id. */
  identities: string;
  /** ZSET: batch id by creation time. */
  batches: string;
  /** STRING: the gate as JSON; channel of its changes. */
  gate: string;
  gateChanged: string;
  /** HASH: worker → the calls at once that it has; channel with the names of workers that were given more. */
  leases: string;
  callsGranted: string;
  /** HASH: the sessions of the current day, as `used`, and when it ends, as `endsMs`. */
  sessionsToday: string;
  /** Never exists; used to test whether writes are accepted. */
  writeTest: string;
  /** ZSET: worker description by last heartbeat. */
  workers: string;
  /** HASH: worker that Redis refuses a right → which, and when it last did; goes 12 s after the last one. */
  refusedWorkers: string;
  /**
   * HASH: digest of an address that several rows name → what the probe found, which worker reads it until when, or
   * nothing yet.
   */
  probeMemory(batchId: string): string;
  /** HASH: what the workers did in one step of this many ms, steps counted from 1970; and in total. */
  activity(stepMs: number, step: number): string;
  activityTotals: string;
  /** ZSET: starts of workers and changes of the gate as JSON, by time; the last 1000 within eight days. */
  timeline: string;
  /** HASH: what was done for a batch lately, `<step>:<counter>`, in steps of a minute, ten minutes, an hour. */
  batchMinutes(batchId: string): string;
  batchTens(batchId: string): string;
  batchHours(batchId: string): string;
  /** LIST: changes that concern no batch, and who made them, newest first. */
  audit: string;
  /** STRING: a user who is logged in to the dashboard, by the digest of the browser's token. */
  login(digest: string): string;
  /** HASH: name of a token → the token as JSON; and name → when it was last used, in ms. */
  tokens: string;
  tokensUsed: string;
  /** STRING: requests of a token in one minute, counted from 1970. */
  tokenCalls(name: string, minute: number): string;
  /** Answers by the keys of their requests: digest of caller and key. */
  idempotency(digest: string): string;
  /** How many of these a caller used in a day: digest of the caller. */
  idempotencyCount(digest: string): string;
  /**
   * SET: batch events that are not announced yet, `<batch>~<incarnation> <when in ms>`; an end, or the event that
   * follows after a blank.
   */
  untold: string;
  /**
   * HASH: events of the feed so far; segments that were dropped from its beginning; its id, once a reader has asked
   * for it.
   */
  feed: string;
  /** STRING: 8,192 events of the feed, nine bytes each. */
  feedSegment(segment: number): string;
  /** ZSET: `<batch>~<incarnation>` by the number of its first event in the feed. */
  feedBatches: string;
  /** ZSET: `<batch>~<incarnation> <bucket>` by bucket: the 5 minutes in which sessions of the batch expire. */
  expiring: string;
  /** STRING: the progress of the results database, as JSON; kept for a week after the last look. */
  databaseState: string;
  /** STRING: the worker that copies into the results database; ends by itself. */
  databaseWriter: string;
  /** ZSET: ids of the bulk actions that were started, by when; SET: those that have not ended. */
  bulkActions: string;
  bulkUnderWay: string;
  /** HASH: a bulk action and its progress. */
  bulk(id: string): string;
  /** LIST: the batches of a bulk action, `<batch>~<incarnation>`; and sentences about those left alone. */
  bulkBatches(id: string): string;
  bulkLeft(id: string): string;
  /** STRING: the process that carries it out; ends by itself. */
  bulkLease(id: string): string;
  /**
   * STRING: the position up to which a webhook got rows, as JSON, by a digest of its address; and the worker that
   * sends them.
   */
  rowNotices(receiver: string): string;
  rowNoticesLease(receiver: string): string;
  /** SET: batches that have a window, a deadline, a webhook of their own, or sessions that are kept alive. */
  arranged: string;
  /** ZSET: ids of the batches whose rows can be found by a key, by creation time. */
  keyed: string;
  /** STRING: a part of the index of keys, as many parts as chunks (`indexes/pack-keys.ts`). */
  keyIndex(batchId: string, part: number): string;
  /** HASH: the batch and its counters. */
  batch(batchId: string): string;
  /** ZSET: ids of the batches that mend it, by creation time. */
  mending(batchId: string): string;
  /** STRING: rows of one chunk, compressed. */
  chunk(batchId: string, chunk: number): string;
  /** HASH: row → outcome, one hash per chunk. */
  outcomes(batchId: string, chunk: number): string;
  /**
   * STRING: the outcomes of a chunk's rows that keep an earlier session, compressed; one bit a row comes first
   * (`packing/pack-kept.ts`).
   */
  keptBlock(batchId: string, chunk: number): string;
  /** STRING: how each row ended, two bytes a row (`core/row/row-mark.ts`). */
  marks(batchId: string): string;
  /** HASH: row → progress, only rows under way. */
  underWay(batchId: string): string;
  /** HASH: rows ended per 10 s, the last minute. */
  pace(batchId: string): string;
  /** HASH: sessions per 5 minutes of their expiry. */
  sessions(batchId: string): string;
  /** HASH: the same 5 minutes → one bit for each chunk that has or had such a session. */
  expiringChunks(batchId: string): string;
  /** HASH: row → its earlier outcomes, one a line, one hash per chunk. */
  earlier(batchId: string, chunk: number): string;
  /**
   * STRING: the rows of the latest sessions (`record-outcome.lua`); kept for a day after the last one, at most 256
   * KB.
   */
  latestSessions(batchId: string): string;
  /** LIST: what was done to the batch and by whom, newest first. */
  history(batchId: string): string;
  /** HASH: digest of a video → row that has its session; one hash per hour of expiry and slice of digests. */
  ledger(hour: number, slice: string): string;
  /** ZSET: names of the schedules, all with score 0. */
  schedules: string;
  /** HASH: a schedule and how far it is planned. */
  schedule(name: string): string;
  /** HASH: planned time in ms → run as JSON; about 100. */
  runs(name: string): string;
  /** HASH: batch → its share of the work, as its dispatch last reported it. */
  shares: string;
  /** HASH: the rows that each worker reports as set aside. */
  rowsAside: string;
  /** ZSET: rows returned to dispatch, by row. */
  again(batchId: string): string;
  /** HASH: count under `n:<error code>`, a sample message under `message:<error code>`. */
  errors(batchId: string): string;
}

export const DEFAULT_KEY_SPACE = 'kling-sessions';

/** The keys of one installation, and apart from them those of its practice data. */
export function keysOfSpace(space: string = DEFAULT_KEY_SPACE, isPractice = false): Keys {
  if (!isPractice) return createKeys(`{${space}}`);
  // A name has no colon, so no other installation has this one.
  return createKeys(space === DEFAULT_KEY_SPACE ? '{kling-sandbox}' : `{${space}:sandbox}`);
}

/** `root` is the hash tag, braces included. */
export function createKeys(root = `{${DEFAULT_KEY_SPACE}}`): Keys {
  const batch = (batchId: string): string => `${root}:batch:${batchId}`;
  return {
    bullmq: root,
    identities: `${root}:identities`,
    batches: `${root}:batches`,
    gate: `${root}:gate`,
    gateChanged: `${root}:gate:changed`,
    leases: `${root}:gate:leases`,
    callsGranted: `${root}:gate:granted`,
    sessionsToday: `${root}:sessions-today`,
    writeTest: `${root}:write-test`,
    workers: `${root}:workers`,
    refusedWorkers: `${root}:refused-workers`,
    audit: `${root}:audit`,
    login: (digest) => `${root}:login:${digest}`,
    ...tokenKeys(root),
    untold: `${root}:untold`,
    feed: `${root}:feed`,
    feedSegment: (segment) => `${root}:feed:${segment}`,
    feedBatches: `${root}:feed-batches`,
    expiring: `${root}:expiring`,
    databaseState: `${root}:results-database`,
    databaseWriter: `${root}:results-database:writer`,
    ...bulkKeys(root),
    ...idempotencyKeys(root),
    ...rowNoticeKeys(root),
    arranged: `${root}:arranged`,
    keyed: `${root}:keyed`,
    ...activityKeys(root, batch),
    batch,
    ...keysOfChunk(batch),
    probeMemory: (batchId) => `${batch(batchId)}:probe-memory`,
    mending: (batchId) => `${batch(batchId)}:mending`,
    marks: (batchId) => `${batch(batchId)}:marks`,
    underWay: (batchId) => `${batch(batchId)}:under-way`,
    pace: (batchId) => `${batch(batchId)}:pace`,
    sessions: (batchId) => `${batch(batchId)}:sessions`,
    expiringChunks: (batchId) => `${batch(batchId)}:expiring`,
    latestSessions: (batchId) => `${batch(batchId)}:latest-sessions`,
    history: (batchId) => `${batch(batchId)}:history`,
    ledger: (hour, slice) => `${root}:ledger:${hour}:${slice}`,
    schedules: `${root}:schedules`,
    schedule: (name) => `${root}:schedule:${name}`,
    runs: (name) => `${root}:schedule:${name}:runs`,
    shares: `${root}:shares`,
    rowsAside: `${root}:rows-aside`,
    again: (batchId) => `${batch(batchId)}:again`,
    errors: (batchId) => `${batch(batchId)}:errors`,
  };
}

const tokenKeys = (root: string): Pick<Keys, 'tokens' | 'tokensUsed' | 'tokenCalls'> => ({
  tokens: `${root}:tokens`,
  tokensUsed: `${root}:tokens:used`,
  tokenCalls: (name, minute) => `${root}:tokens:calls:${name}:${minute}`,
});

const idempotencyKeys = (root: string): Pick<Keys, 'idempotency' | 'idempotencyCount'> => ({
  idempotency: (digest) => `${root}:idempotency:${digest}`,
  idempotencyCount: (digest) => `${root}:idempotency:count:${digest}`,
});

const rowNoticeKeys = (root: string): Pick<Keys, 'rowNotices' | 'rowNoticesLease'> => ({
  rowNotices: (receiver) => `${root}:row-notices:${receiver}`,
  rowNoticesLease: (receiver) => `${root}:row-notices:${receiver}:sender`,
});

const activityKeys = (
  root: string,
  batch: (batchId: string) => string,
): Pick<
  Keys,
  'activity' | 'activityTotals' | 'timeline' | 'batchMinutes' | 'batchTens' | 'batchHours'
> => ({
  activity: (stepMs, step) => `${root}:activity:${stepMs}:${step}`,
  activityTotals: `${root}:activity:totals`,
  timeline: `${root}:timeline`,
  batchMinutes: (batchId) => `${batch(batchId)}:activity:minutes`,
  batchTens: (batchId) => `${batch(batchId)}:activity:tens`,
  batchHours: (batchId) => `${batch(batchId)}:activity:hours`,
});

const bulkKeys = (
  root: string,
): Pick<
  Keys,
  'bulkActions' | 'bulkUnderWay' | 'bulk' | 'bulkBatches' | 'bulkLeft' | 'bulkLease'
> => ({
  bulkActions: `${root}:bulk-actions`,
  bulkUnderWay: `${root}:bulk-actions:under-way`,
  bulk: (id) => `${root}:bulk:${id}`,
  bulkBatches: (id) => `${root}:bulk:${id}:batches`,
  bulkLeft: (id) => `${root}:bulk:${id}:left`,
  bulkLease: (id) => `${root}:bulk:${id}:lease`,
});

const keysOfChunk = (
  batch: (batchId: string) => string,
): Pick<Keys, 'chunk' | 'outcomes' | 'keptBlock' | 'earlier' | 'keyIndex'> => ({
  chunk: (batchId, chunk) => `${batch(batchId)}:rows:${chunk}`,
  outcomes: (batchId, chunk) => `${batch(batchId)}:outcomes:${chunk}`,
  keptBlock: (batchId, chunk) => `${batch(batchId)}:kept:${chunk}`,
  earlier: (batchId, chunk) => `${batch(batchId)}:earlier:${chunk}`,
  keyIndex: (batchId, part) => `${batch(batchId)}:keys:${part}`,
});
