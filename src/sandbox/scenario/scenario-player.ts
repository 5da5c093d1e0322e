import { type CallFacts, chooseRule } from './choose-rule.ts';
import type { Scenario, ScenarioRule } from './scenario.ts';

/** A scenario being played: knows when it was loaded, which call this is and which rules are spent. */
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

  /** The rule for the call that has just come; call it once per call. Null: answer as usual. */
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
