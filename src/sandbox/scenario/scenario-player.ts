import { type CallFacts, chooseRule } from './choose-rule.ts';
import type { Scenario, ScenarioRule } from './scenario.ts';

/** A running scenario: it knows when it was loaded, the number of the call and which rules are used up. */
export class ScenarioPlayer {
  readonly #scenario: Scenario;
  readonly #loadedAtMs: number;
  readonly #used: number[];
  #calls = 0;

  constructor(scenario: Scenario, loadedAtMs: number) {
    this.#scenario = scenario;
    this.#loadedAtMs = loadedAtMs;
    this.#used = scenario.rules.map(() => 0);
  }

  /** The rule for the call that has just arrived; must be called once per call. Null: answer as usual. */
  next(
    source: Pick<CallFacts, 'videoUrl' | 'videoId' | 'taskId'>,
    nowMs: number,
  ): { name: string; do: ScenarioRule['do'] } | null {
    this.#calls += 1;
    const facts = { ...source, call: this.#calls, sinceLoadMs: nowMs - this.#loadedAtMs };
    const index = chooseRule(this.#scenario, this.#used, facts);
    const rule = index === null ? undefined : this.#scenario.rules[index];
    if (index === null || rule === undefined) return null;
    this.#used[index] = (this.#used[index] ?? 0) + 1;
    return { name: rule.name ?? `rule ${index + 1}`, do: rule.do };
  }
}
