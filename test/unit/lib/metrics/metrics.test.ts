import { expect, test } from 'vitest';
import { noActivity } from '../../../../src/lib/core/activity.ts';
import { newGate } from '../../../../src/lib/core/gate/gate.ts';
import type { Installation } from '../../../../src/lib/metrics/installation.ts';
import { Metrics } from '../../../../src/lib/metrics/metrics.ts';

const zeros = { waiting: 0, probing: 0, ready: 0, opening: 0 };

function installation(): Installation {
  const totals = noActivity();
  totals.answers.opened = 3;
  totals.answers.throttled = 1;
  totals.outcomes.succeeded = 3;
  totals.latencies[0] = 1;
  totals.latencies[2] = 2;
  totals.latencies[totals.latencies.length - 1] = 1;
  totals.latencyTotalMs = 150_500;
  return {
    totals,
    gate: { ...newGate(0), mode: 'blocked' },
    concurrency: 3,
    limits: { concurrency: 5, ratePerSecond: 0, sessionsPerDay: 0 },
    sessionsToday: 7,
    workers: 2,
    jobs: { dispatch: { wait: 1 }, probe: { wait: 7, active: 2 }, 'init-selection': {} },
    batchesAtLimit: 3,
    sessionsNotRenewed: 4,
    batches: { importing: 0, running: 1, paused: 0, completed: 9, cancelling: 0, cancelled: 0 },
    pending: { ...zeros, waiting: 40 },
    schedules: { active: 2, paused: 1 },
    scheduleLatenessMs: 90_500,
    database: { isAnswering: false, changesBehind: 12, behindMs: 61_000 },
  };
}

class Scrape {
  nowMs = 1_000_000;
  reads = 0;
  present = installation();
  isAway = false;
  readonly metrics = new Metrics({
    version: '1.2.3',
    now: () => this.nowMs,
    read: async () => {
      this.reads += 1;
      if (this.isAway) throw new Error('Connection is closed.');
      return this.present;
    },
  });

  /** The lines of one metric, without the common prefix. */
  async lines(name: string): Promise<string[]> {
    const text = await this.metrics.collect();
    const lines = text.split('\n').filter((line) => line.startsWith(`kling_sessions_${name}`));
    return lines.map((line) => line.slice('kling_sessions_'.length));
  }
}

test.each<[name: string, lines: string[]]>([
  [
    'gate_state',
    ['open"} 0', 'closed"} 0', 'blocked"} 1'].map((end) => `gate_state{state="${end}`),
  ],
  ['concurrency', ['concurrency 3', 'concurrency_limit 5']],
  ['workers', ['workers 2']],
  ['sessions_', ['sessions_not_renewed 4', 'sessions_today 7', 'sessions_per_day_limit 0']],
  ['batches_at', ['batches_at_session_limit 3']],
  ['schedules', ['schedules{state="active"} 2', 'schedules{state="paused"} 1']],
  ['schedule_lateness', ['schedule_lateness_seconds 90.5']],
  ['redis_up', ['redis_up 1']],
  ['build_info', [`build_info{version="1.2.3",node="${process.version}"} 1`]],
])('the value of %s stands as it is', async (name, lines) => {
  expect(await new Scrape().lines(name)).toEqual(lines);
});

test('labels say what a value belongs to', async () => {
  const scrape = new Scrape();
  expect(await scrape.lines('rows_ended_total')).toContain(
    'rows_ended_total{outcome="succeeded"} 3',
  );
  expect(await scrape.lines('calls_total')).toContain('calls_total{answer="throttled"} 1');
  expect(await scrape.lines('queue_jobs')).toEqual([
    'queue_jobs{stage="dispatch",place="wait"} 1',
    'queue_jobs{stage="probe",place="wait"} 7',
    'queue_jobs{stage="probe",place="active"} 2',
  ]);
});

test('the histogram is cumulative, in seconds, and counts calls beyond its last bound', async () => {
  const lines = await new Scrape().lines('call_duration_seconds');
  expect(lines.slice(0, 3)).toEqual([
    'call_duration_seconds_bucket{le="0.1"} 1',
    'call_duration_seconds_bucket{le="0.2"} 1',
    'call_duration_seconds_bucket{le="0.3"} 3',
  ]);
  expect(lines.slice(-3)).toEqual([
    'call_duration_seconds_bucket{le="+Inf"} 4',
    'call_duration_seconds_sum 150.5',
    'call_duration_seconds_count 4',
  ]);
});

test('ten requests at once cost one read, and after some seconds the values are read again', async () => {
  const scrape = new Scrape();
  await Promise.all(Array.from({ length: 10 }, () => scrape.metrics.collect()));
  await scrape.metrics.collect();
  expect(scrape.reads).toBe(1);
  scrape.nowMs += 6_000;
  scrape.present.totals.outcomes.succeeded = 4;
  expect(await scrape.lines('rows_ended_total')).toContain(
    'rows_ended_total{outcome="succeeded"} 4',
  );
});

test('the metrics say that Redis is away and keep their last values', async () => {
  const scrape = new Scrape();
  await scrape.metrics.collect();
  scrape.isAway = true;
  scrape.nowMs += 6_000;
  expect(await scrape.lines('redis_up')).toEqual(['redis_up 0']);
  expect(await scrape.lines('workers')).toEqual(['workers 2']);
  scrape.isAway = false;
  expect(await scrape.lines('redis_up')).toEqual(['redis_up 1']);
});

test('the process reports on itself, too', async () => {
  expect(await new Scrape().metrics.collect()).toContain('nodejs_eventloop_lag_seconds');
});
