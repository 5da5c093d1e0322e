import { expect, test } from 'vitest';
import { type Claim, renewClaim, servedOf } from '../../../../../src/lib/core/batch/claim.ts';

const claim = (begun: number, base: number, priority = 10, underWay = 0): Claim => ({
  priority,
  endedPerSecond: 1,
  begun,
  underWay,
  base,
});

type Case = [
  sentence: string,
  before: Claim | null,
  facts: { begun: number; priority?: number },
  others: Claim[],
  served: number,
];

test.each<Case>([
  ['the first batch of all begins with nothing', null, { begun: 700 }, [], 0],
  [
    'a new one starts at the average of the others',
    null,
    { begun: 0 },
    [claim(90, 0), claim(30, 0)],
    6,
  ],
  [
    'what the others only hold ready does not count for it',
    null,
    { begun: 0 },
    [claim(90, 0, 10, 80)],
    1,
  ],
  ['rows handed over count by priority', claim(100, 100, 40), { begun: 140, priority: 40 }, [], 1],
  ['one that is a little behind stays so', claim(0, 0), { begun: 10 }, [claim(200, 0)], 1],
  [
    'one that stood still for long is a thousand rows behind at most',
    claim(0, 0),
    { begun: 0 },
    [claim(9_000, 0)],
    800,
  ],
  ['one whose rows wait again starts from zero', claim(500, 0), { begun: 400 }, [claim(70, 0)], 7],
  ['another priority changes nothing at once', claim(500, 0), { begun: 500, priority: 40 }, [], 50],
])('%s', (_sentence, before, { begun, priority = 10 }, others, served) => {
  const facts = { begun, priority, endedPerSecond: 1, underWay: 0 };
  expect(servedOf(renewClaim(before, facts, others))).toBe(served);
});
