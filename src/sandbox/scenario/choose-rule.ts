import type { Scenario, ScenarioRule } from './scenario.ts';

/** The properties of a call that rules can match. */
export interface CallFacts {
  /** From 1, since the scenario was loaded. */
  call: number;
  sinceLoadMs: number;
  videoUrl: string | null;
  videoId: string | null;
  taskId: string | null;
}

/**
 * Index of the first matching rule; null when none matches. `used` says how often each rule was chosen so far. The
 * same arguments always choose the same rule: `share` draws from the seed, the rule and the call number.
 */
export function chooseRule(
  scenario: Scenario,
  used: readonly number[],
  facts: CallFacts,
): number | null {
  const index = scenario.rules.findIndex(({ when }, rule) => {
    const isSpent = when.count !== undefined && (used[rule] ?? 0) >= when.count;
    return !isSpent && matches(when, facts) && draws(when.share, scenario.seed, rule, facts.call);
  });
  return index === -1 ? null : index;
}

function matches(when: ScenarioRule['when'], facts: CallFacts): boolean {
  return (
    isInRange(facts.call, when.calls) &&
    isInRange(rowOf(facts.videoUrl), when.row) &&
    facts.sinceLoadMs >= (when.fromMs ?? 0) &&
    facts.sinceLoadMs < (when.untilMs ?? Number.POSITIVE_INFINITY) &&
    containsAny(facts, when.contains)
  );
}

function isInRange(
  value: number | null,
  range: { from?: number | undefined; to?: number | undefined } | undefined,
) {
  if (range === undefined) return true;
  return (
    value !== null && value >= (range.from ?? 1) && value <= (range.to ?? Number.POSITIVE_INFINITY)
  );
}

function rowOf(videoUrl: string | null): number | null {
  if (videoUrl === null || !URL.canParse(videoUrl)) return null;
  const row = new URL(videoUrl).searchParams.get('row');
  return row === null ? null : Number(row);
}

function containsAny(facts: CallFacts, parts: string[] | undefined): boolean {
  if (parts === undefined) return true;
  const source = [facts.videoUrl, facts.videoId, facts.taskId].filter((text) => text !== null);
  return parts.some((part) => source.some((text) => text.includes(part)));
}

function draws(share: number | undefined, seed: number, rule: number, call: number): boolean {
  return share === undefined || hashToUnit(seed, rule, call) < share;
}

/** Maps three whole numbers to a uniform number in [0, 1), with the finalizer of MurmurHash3. */
function hashToUnit(...values: number[]): number {
  let hash = 0;
  for (const value of values) {
    hash = Math.imul(hash ^ value, 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return (hash >>> 0) / 2 ** 32;
}
