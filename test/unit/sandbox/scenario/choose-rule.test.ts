import { expect, test } from 'vitest';
import { type CallFacts, chooseRule } from '../../../../src/sandbox/scenario/choose-rule.ts';
import { parseScenario } from '../../../../src/sandbox/scenario/scenario.ts';

const CALL: CallFacts = {
  call: 5,
  sinceLoadMs: 1000,
  videoUrl: 'http://127.0.0.1/videos/good.mp4?row=12',
  videoId: null,
  taskId: null,
};
const PAIR: CallFacts = { ...CALL, videoUrl: null, videoId: '784912', taskId: '555' };

function scenarioWith(...conditions: object[]) {
  const rules = conditions.map((when) => ({ when, do: { code: 5000 } }));
  return parseScenario({ rules }, 'test');
}

test.each<[sentence: string, when: object, facts: CallFacts, applies: boolean]>([
  ['no condition', {}, CALL, true],
  ['its own number', { calls: 5 }, CALL, true],
  ['another number', { calls: 6 }, CALL, false],
  ['a range that begins with it', { calls: { from: 5 } }, CALL, true],
  ['a range that begins after it', { calls: { from: 6 } }, CALL, false],
  ['a range that ends with it', { calls: { to: 5 } }, CALL, true],
  ['a range that ends before it', { calls: { to: 4 } }, CALL, false],
  ['its row', { row: 12 }, CALL, true],
  ['a row that begins the same', { row: 1 }, CALL, false],
  ['a row, for a pair', { row: 12 }, PAIR, false],
  ['part of its URL', { contains: 'good.mp4' }, CALL, true],
  ['part of another URL', { contains: 'bad.mp4' }, CALL, false],
  ['one of several parts', { contains: ['bad', 'good'] }, CALL, true],
  ['its video_id', { contains: '784912' }, PAIR, true],
  ['its task_id', { contains: '555' }, PAIR, true],
  ['a window that begins now', { fromMs: 1000 }, CALL, true],
  ['a window that begins later', { fromMs: 1001 }, CALL, false],
  ['a window that ends later', { untilMs: 1001 }, CALL, true],
  ['a window that ends now', { untilMs: 1000 }, CALL, false],
  ['all of them', { share: 1 }, CALL, true],
  ['none of them', { share: 0 }, CALL, false],
  ['one condition of two', { calls: 5, row: 13 }, CALL, false],
])('%s', (_sentence, when, facts, applies) => {
  expect(chooseRule(scenarioWith(when), [0], facts)).toBe(applies ? 0 : null);
});

test('the first of several rules that apply is chosen', () => {
  expect(chooseRule(scenarioWith({ calls: 1 }, {}, {}), [0, 0, 0], CALL)).toBe(1);
});

test('a used-up rule gives way to the next', () => {
  expect(chooseRule(scenarioWith({ count: 2 }, {}), [2, 0], CALL)).toBe(1);
});

test('a share picks about that many calls, and the same ones again', () => {
  const scenario = scenarioWith({ share: 0.1 });
  const pick = () =>
    Array.from({ length: 5000 }, (_, index) => index + 1).filter(
      (call) => chooseRule(scenario, [0], { ...CALL, call }) === 0,
    );
  expect(pick().length).toBeGreaterThan(425);
  expect(pick().length).toBeLessThan(575);
  expect(pick()).toEqual(pick());
});

test('another seed picks other calls', () => {
  const pickWith = (seed: number) => {
    const scenario = { ...scenarioWith({ share: 0.5 }), seed };
    return Array.from({ length: 64 }, (_, call) => chooseRule(scenario, [0], { ...CALL, call }));
  };
  expect(pickWith(1)).not.toEqual(pickWith(2));
});
