import { type Activity, ANSWERS, noActivity } from '../core/activity.ts';
import { OUTCOME_STATUSES } from '../core/row/row.ts';

const SUMS = [
  'latencyTotalMs',
  'timeouts',
  'samples',
  'callsAllowed',
  'callsUsed',
  'probes',
  'probeTotalMs',
  'probeBytes',
  'units',
  'balance',
] as const satisfies readonly (keyof Activity)[];

/** Counters other than 0, by their fields in Redis. */
export function packActivity(activity: Activity): [string, number][] {
  const { answers, latencies, outcomes } = activity;
  const all: [string, number][] = [
    ...ANSWERS.map((answer): [string, number] => [`answer:${answer}`, answers[answer]]),
    ...latencies.map((count, index): [string, number] => [`latency:${index}`, count]),
    ...OUTCOME_STATUSES.map((status): [string, number] => [`outcome:${status}`, outcomes[status]]),
    ...SUMS.map((sum): [string, number] => [sum, activity[sum]]),
  ];
  return all
    .map(([field, count]): [string, number] => [field, Math.round(count)])
    .filter(([, count]) => count !== 0);
}

export function unpackActivity(hash: Record<string, string>): Activity {
  // No decision depends on these counts, so a damaged one counts as 0.
  const count = (field: string): number =>
    /^\d{1,15}$/.test(hash[field] ?? '') ? Number(hash[field]) : 0;
  const activity = noActivity();
  for (const answer of ANSWERS) activity.answers[answer] = count(`answer:${answer}`);
  for (const status of OUTCOME_STATUSES) activity.outcomes[status] = count(`outcome:${status}`);
  return {
    ...activity,
    latencies: activity.latencies.map((_, index) => count(`latency:${index}`)),
    ...Object.fromEntries(SUMS.map((sum) => [sum, count(sum)])),
  };
}
