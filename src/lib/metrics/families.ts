import { ANSWERS } from '../core/activity.ts';
import { BATCH_STATES } from '../core/batch/batch.ts';
import { MILLIONTHS } from '../core/budget/cost.ts';
import { OUTCOME_STATUSES, PENDING_STATES } from '../core/row/row.ts';
import { type Installation, MEASURED_STAGES } from './installation.ts';

/** A value and its labels. Label values are only names that the program itself defines. */
type Sample = [labels: Record<string, string>, value: number];

/** One metric; its name gets the prefix `kling_sessions_`. */
export interface Family {
  kind: 'counter' | 'gauge';
  help: string;
  labels: readonly string[];
  samples: (installation: Installation) => Sample[];
}

const GATE_MODES = ['open', 'closed', 'blocked'] as const;

const family =
  (kind: Family['kind']) =>
  (help: string, value: (installation: Installation) => number): Family => ({
    kind,
    help,
    labels: [],
    samples: (installation) => [[{}, value(installation)]],
  });
const gauge = family('gauge');
const counter = family('counter');

/** One sample for each of several names. */
const labelled = <K extends string>(
  kind: Family['kind'],
  help: string,
  label: string,
  names: readonly K[],
  value: (installation: Installation, name: K) => number,
): Family => ({
  kind,
  help,
  labels: [label],
  samples: (installation) => names.map((name) => [{ [label]: name }, value(installation, name)]),
});

/** No samples if no results database is in use. */
const ofDatabase = (
  help: string,
  value: (database: NonNullable<Installation['database']>) => number,
): Family => ({
  kind: 'gauge',
  help,
  labels: [],
  samples: ({ database }) => (database === null ? [] : [[{}, value(database)]]),
});

export const FAMILIES: Record<string, Family> = {
  rows_ended_total: labelled(
    'counter',
    'Rows that workers ended.',
    'outcome',
    OUTCOME_STATUSES,
    ({ totals }, status) => totals.outcomes[status],
  ),
  rows_pending: labelled(
    'gauge',
    'Rows without an outcome, of all batches.',
    'state',
    PENDING_STATES,
    ({ pending }, state) => pending[state],
  ),
  batches: labelled(
    'gauge',
    'Batches.',
    'state',
    BATCH_STATES,
    ({ batches }, state) => batches[state],
  ),
  batches_at_session_limit: gauge(
    'Batches that are paused because their sessions are used up.',
    ({ batchesAtLimit }) => batchesAtLimit,
  ),
  sessions_not_renewed: gauge(
    'Sessions that should be kept alive, expire within ten minutes, and were not renewed.',
    ({ sessionsNotRenewed }) => sessionsNotRenewed,
  ),
  calls_total: labelled(
    'counter',
    'Calls of the API, by the class of the answer.',
    'answer',
    ANSWERS,
    ({ totals }, answer) => totals.answers[answer],
  ),
  gate_state: labelled(
    'gauge',
    '1 for the state that the gate is in, else 0.',
    'state',
    GATE_MODES,
    ({ gate }, mode) => (gate.mode === mode ? 1 : 0),
  ),
  concurrency: gauge('Calls that may run at once now.', ({ concurrency }) => concurrency),
  concurrency_limit: gauge(
    'Calls at once as configured; throttling allows fewer.',
    ({ limits }) => limits.concurrency,
  ),
  rate_limit_per_second: gauge(
    'Calls begun per second as configured; 0 is no limit.',
    ({ limits }) => limits.ratePerSecond,
  ),
  session_units_total: counter(
    'Units that the API deducted for sessions, as its answers say.',
    ({ totals }) => totals.units / MILLIONTHS,
  ),
  session_balance_total: counter(
    'Money that the API deducted for sessions, as its answers say.',
    ({ totals }) => totals.balance / MILLIONTHS,
  ),
  sessions_today: gauge(
    'Calls of this day that have opened a session, or may have.',
    ({ sessionsToday }) => sessionsToday,
  ),
  sessions_per_day_limit: gauge(
    'Sessions per day as configured; 0 is no limit.',
    ({ limits }) => limits.sessionsPerDay,
  ),
  probes_total: counter('Videos whose header was read.', ({ totals }) => totals.probes),
  probe_seconds_total: counter(
    'Time that reading headers took, all probes together.',
    ({ totals }) => totals.probeTotalMs / 1_000,
  ),
  probe_bytes_total: counter('Bytes fetched to read headers.', ({ totals }) => totals.probeBytes),
  queue_jobs: {
    kind: 'gauge',
    help: 'Jobs in the queues.',
    labels: ['stage', 'place'],
    samples: ({ jobs }) =>
      MEASURED_STAGES.flatMap((stage) =>
        Object.entries(jobs[stage]).map(([place, count]): Sample => [{ stage, place }, count]),
      ),
  },
  schedules: labelled(
    'gauge',
    'Schedules.',
    'state',
    ['active', 'paused'],
    ({ schedules }, state) => schedules[state],
  ),
  schedule_lateness_seconds: gauge(
    'How late the most overdue run of all schedules is; 0 when none is late.',
    (installation) => installation.scheduleLatenessMs / 1_000,
  ),
  results_database_up: ofDatabase(
    'Whether the results database takes what workers copy.',
    ({ isAnswering }) => (isAnswering ? 1 : 0),
  ),
  results_database_behind: ofDatabase(
    'Changes of rows that are not in the results database yet.',
    ({ changesBehind }) => changesBehind,
  ),
  results_database_behind_seconds: ofDatabase(
    'For how long the results database has lacked something; 0 when it has everything.',
    ({ behindMs }) => behindMs / 1_000,
  ),
  workers: gauge('Worker processes with a recent heartbeat.', ({ workers }) => workers),
};
