import { expect, test } from 'vitest';
import {
  builtInScenarioNames,
  loadBuiltInScenario,
  loadScenario,
} from '../../../../src/sandbox/scenario/load-scenario.ts';
import { parseScenario, ScenarioError } from '../../../../src/sandbox/scenario/scenario.ts';

function problemsOf(load: () => unknown): readonly string[] {
  try {
    load();
    return [];
  } catch (error) {
    if (error instanceof ScenarioError) return error.problems;
    throw error;
  }
}

const problemsWith = (action: object, when: object = {}) =>
  problemsOf(() => parseScenario({ rules: [{ when, do: action }] }, 'test'));

test.each(builtInScenarioNames())('the built-in scenario %s is valid', (name) => {
  expect(loadBuiltInScenario(name).rules.length).toBeGreaterThan(0);
});

test('an unknown name is answered with the names of the built-in scenarios', () => {
  expect(() => loadScenario('no-such-name')).toThrow(/there are .*key-expires.*throttle-storm/);
});

test('a missing file is named', () => {
  expect(() => loadScenario('./no-such-file.json')).toThrow(
    /no-such-file\.json.*there is no file/s,
  );
});

test('a file that is not JSON is refused in plain words', () => {
  expect(() => loadScenario(import.meta.filename)).toThrow(/scenario\.test\.ts.*it must be JSON/s);
});

test('every problem is reported at once, with its place', () => {
  const scenario = {
    sed: 1,
    rules: [
      { when: { share: 2 }, do: { status: 99 } },
      { when: { calls: { from: 9, to: 3 }, rows: 1 }, do: {} },
    ],
  };
  expect(problemsOf(() => parseScenario(scenario, 'test'))).toEqual([
    'rules.0.when.share: must be at most 1',
    'rules.0.do.status: must be at least 200',
    'rules.1.when.calls: from must not exceed to',
    expect.stringMatching(/^rules\.1\.when: .*"rows"/),
    'rules.1.do: must say what happens',
    expect.stringMatching(/^the scenario: .*"sed"/),
  ]);
});

test.each<[sentence: string, action: object, problem: RegExp]>([
  ['two ways to lose the answer', { reset: 'after', hang: 'after' }, /reset and hang exclude/],
  ['half of garbage', { half: true, garbage: true }, /half and garbage exclude/],
  ['a body for a lost answer', { reset: 'before', status: 200, body: {} }, /reset sends no answer/],
  ['a code and a body', { status: 400, code: 1201, body: {} }, /code and body exclude/],
  ['a body without a status', { body: {} }, /body needs a status/],
  ['a code that Kling does not have', { code: 1234 }, /must be one of Kling's codes: 1000, 1001/],
  ['a header that would break the answer', { status: 200, headers: { a: 'b\r\nc' } }, /printable/],
  ['a delay that ends before it begins', { delayMs: { min: 5, max: 1 } }, /min must not exceed/],
  ['a negative delay', { delayMs: -1 }, /delayMs/],
])('%s is refused', (_sentence, action, problem) => {
  expect(problemsWith(action)).toEqual([expect.stringMatching(problem)]);
});

test('input that is not a scenario is refused', () => {
  expect(problemsOf(() => parseScenario([], 'test'))).toHaveLength(1);
});
