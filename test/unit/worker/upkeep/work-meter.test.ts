import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import type { ActivityLog } from '../../../../src/lib/activity/activity-log.ts';
import { type Activity, noActivity } from '../../../../src/lib/core/activity.ts';
import type { CallResult } from '../../../../src/lib/kling/kling-client.ts';
import { keepNoting, WorkMeter } from '../../../../src/worker/upkeep/work-meter.ts';

const BATCH = { id: 'batch-1', incarnation: 'a' };
const { signal } = new AbortController();
const SOURCE = { kind: 'url', videoUrl: 'https://videos.example/1.mp4' } as const;
const log = pino({ level: 'silent' });

async function call(meter: WorkMeter, result: CallResult): Promise<CallResult> {
  return await meter
    .meterCalls({ initSelection: async () => result })
    .initSelection(SOURCE, { signal });
}

const opened: CallResult = {
  ok: true,
  session: { sessionId: '1', requestId: null, httpStatus: 200, details: {} },
  durationMs: 250,
};
const throttled: CallResult = {
  ok: false,
  failure: {
    kind: 'throttled',
    code: '1302',
    message: 'too many',
    httpStatus: 429,
    requestId: null,
    retryAfterMs: null,
  },
  durationMs: 20,
};

/** Records what it is given, or fails. */
class Notes implements Pick<ActivityLog, 'add'> {
  readonly added: Activity[] = [];
  isAway = false;

  async add(activity: Activity): Promise<void> {
    if (this.isAway) throw new Error('Connection is closed.');
    this.added.push(activity);
  }
}

test('the meter counts calls by their answer and time, and passes the answer through', async () => {
  const meter = new WorkMeter();
  expect(await call(meter, opened)).toBe(opened);
  await call(meter, throttled);
  meter.ended('succeeded', BATCH);
  const { answers, latencies, latencyTotalMs, outcomes } = meter.take();
  expect(answers).toMatchObject({ opened: 1, throttled: 1, server: 0 });
  expect([latencies[0], latencies[2], latencyTotalMs]).toEqual([1, 1, 270]);
  expect(outcomes.succeeded).toBe(1);
});

test('the meter counts for each batch, too, and calls that ran out of time', async () => {
  const meter = new WorkMeter();
  const other = { id: 'other', incarnation: 'b' };
  meter.ended('succeeded', BATCH);
  meter.ended('failed', other);
  if (throttled.ok) throw new Error('not a failure');
  const failure = { ...throttled.failure, kind: 'unconfirmed' as const, code: 'timeout' };
  meter.called(BATCH, { ok: false, failure, durationMs: 120_000 });
  const taken = meter.takeOfBatches();
  expect(taken.map(([batch]) => batch)).toEqual([BATCH, other]);
  expect(taken[0]?.[1]).toMatchObject({
    timeouts: 1,
    answers: { unconfirmed: 1 },
    outcomes: { succeeded: 1, failed: 0 },
  });
  expect(meter.takeOfBatches()).toEqual([]);
});

test('the meter counts the cost of probing', async () => {
  const meter = new WorkMeter();
  const cost = { durationMs: 12, requests: 2, bytesRead: 4_096 };
  const prober = meter.meterProbes({ probe: async () => ({ kind: 'no_video_track', cost }) });
  await prober.probe('https://videos.example/1.mp4', { signal });
  await prober.probe('https://videos.example/2.mp4', { signal });
  expect(meter.take()).toMatchObject({ probes: 2, probeTotalMs: 24, probeBytes: 8_192 });
});

test('the meter counts nothing twice', async () => {
  const meter = new WorkMeter();
  await call(meter, opened);
  meter.take();
  expect(meter.take()).toEqual(noActivity());
});

test('the meter writes every 5 s and at the end, and survives a Redis that is down', async () => {
  vi.useFakeTimers();
  try {
    const meter = new WorkMeter();
    const notes = new Notes();
    const activity = notes as unknown as ActivityLog;
    const noting = keepNoting(
      { meter, activity, batchActivity: { add: async () => undefined }, now: Date.now },
      log,
    );
    await call(meter, opened);
    await vi.advanceTimersByTimeAsync(5_000);
    notes.isAway = true;
    await vi.advanceTimersByTimeAsync(5_000);
    notes.isAway = false;
    await call(meter, throttled);
    await noting[Symbol.asyncDispose]();
    expect(notes.added.map(({ answers }) => [answers.opened, answers.throttled])).toEqual([
      [1, 0],
      [0, 1],
    ]);
  } finally {
    vi.useRealTimers();
  }
});
