/**
 * Every Redis key and channel of this program. They share one hash tag, so that a cluster keeps them together with
 * BullMQ's. Default key space: `{kling-sessions}:…`.
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
  /** Never there: to ask whether writes are taken. */
  writeTest: string;
  /** ZSET: worker description by last heartbeat. */
  workers: string;
  /**
   * HASH: digest of an address that several rows name → what the probe found, which worker reads it until when, or
   * nothing yet.
   */
  probeMemory(batchId: string): string;
  /** HASH: what the workers did in one step of this many ms, steps counted from 1970; and in total. */
  activity(stepMs: number, step: number): string;
  activityTotals: string;
  /** LIST: changes that concern no batch, and who made them, newest first. */
  audit: string;
  /** STRING: a user who is logged in to the dashboard, by the digest of the browser's token. */
  login(digest: string): string;
  /**
   * SET: batch events that are not announced yet, `<batch>~<incarnation> <when in ms>`; an end, or the event that
   * follows after a blank.
   */
  untold: string;
  /**
   * HASH: events of the feed so far; segments that were dropped from its beginning; its id, where a reader has asked
   * for it.
   */
  feed: string;
  /** STRING: 8,192 events of the feed, nine bytes each. */
  feedSegment(segment: number): string;
  /** ZSET: `<batch>~<incarnation>` by the number of its first event in the feed. */
  feedBatches: string;
  /** STRING: how far the results database is, as JSON; kept for a week after the last look. */
  databaseState: string;
  /** STRING: the worker that copies into the results database; ends by itself. */
  databaseWriter: string;
  /** SET: batches that have a window, a deadline or a webhook of their own. */
  arranged: string;
  /** HASH: the batch and its counters. */
  batch(batchId: string): string;
  /** ZSET: ids of the batches that mend it, by creation time. */
  mending(batchId: string): string;
  /** STRING: rows of one chunk, compressed. */
  chunk(batchId: string, chunk: number): string;
  /** HASH: row → outcome, one hash per chunk. */
  outcomes(batchId: string, chunk: number): string;
  /** STRING: how each row ended, two bytes a row (`core/row/row-mark.ts`). */
  marks(batchId: string): string;
  /** HASH: row → progress, only rows under way. */
  underWay(batchId: string): string;
  /** HASH: rows ended per 10 s, the last minute. */
  pace(batchId: string): string;
  /** HASH: sessions per 5 minutes of their expiry. */
  sessions(batchId: string): string;
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

/** `root` is the hash tag, braces included. */
export function createKeys(root = '{kling-sessions}'): Keys {
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
    audit: `${root}:audit`,
    login: (digest) => `${root}:login:${digest}`,
    untold: `${root}:untold`,
    feed: `${root}:feed`,
    feedSegment: (segment) => `${root}:feed:${segment}`,
    feedBatches: `${root}:feed-batches`,
    databaseState: `${root}:results-database`,
    databaseWriter: `${root}:results-database:writer`,
    arranged: `${root}:arranged`,
    activity: (stepMs, step) => `${root}:activity:${stepMs}:${step}`,
    activityTotals: `${root}:activity:totals`,
    batch,
    probeMemory: (batchId) => `${batch(batchId)}:probe-memory`,
    mending: (batchId) => `${batch(batchId)}:mending`,
    chunk: (batchId, chunk) => `${batch(batchId)}:rows:${chunk}`,
    outcomes: (batchId, chunk) => `${batch(batchId)}:outcomes:${chunk}`,
    marks: (batchId) => `${batch(batchId)}:marks`,
    underWay: (batchId) => `${batch(batchId)}:under-way`,
    pace: (batchId) => `${batch(batchId)}:pace`,
    sessions: (batchId) => `${batch(batchId)}:sessions`,
    earlier: (batchId, chunk) => `${batch(batchId)}:earlier:${chunk}`,
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
