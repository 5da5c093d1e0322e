import { expect, it } from 'vitest';
import { type Effect, NO_EFFECT } from '../../../../src/lib/batch/count-effect.ts';
import { foretellCalls } from '../../../../src/lib/requests/foretell.ts';

const NO_LIMITS = { batch: null, day: null };
const FULL_DAY = { batch: null, day: { perDay: 5, used: 5 } };
const effectOf = (some: Partial<Effect>): Effect => ({ ...NO_EFFECT, ...some });

it.each([
  ['one row', effectOf({ rows: 1 }), NO_LIMITS, '1 row will be tried again, with one call.'],
  [
    'several rows',
    effectOf({ rows: 3 }),
    NO_LIMITS,
    '3 rows will be tried again, with a call for each.',
  ],
  [
    'rows that the budget lets wait get no promise of a call',
    effectOf({ rows: 3 }),
    FULL_DAY,
    '3 rows will be queued for retry, and called as the budget allows. SESSIONS_PER_DAY allows no more sessions today, so at least 3 rows will wait until the day ends; `kling-sessions gate set --sessions-per-day 8` allows all of them.',
  ],
  [
    'a budget that is explained elsewhere',
    effectOf({ rows: 3 }),
    { ...NO_LIMITS, isShort: true },
    '3 rows will be queued for retry, and called as the budget allows.',
  ],
  [
    'verbs agree with the rows that are left alone',
    effectOf({
      left: [
        {
          why: 'has a session',
          rows: [
            { from: 7, to: 7 },
            { from: 12, to: 15 },
          ],
        },
        { why: 'repeats another row', rows: [{ from: 2, to: 3 }] },
      ],
    }),
    NO_LIMITS,
    'No row will be tried again. Left alone: rows 7, 12-15 (have a session), 2-3 (repeat another row).',
  ],
  [
    'one row is left alone',
    effectOf({ left: [{ why: 'has a session', rows: [{ from: 7, to: 7 }] }] }),
    NO_LIMITS,
    'No row will be tried again. Left alone: row 7 (has a session).',
  ],
])('%s', (_case, effect, budgets, sentence) => {
  expect(foretellCalls(effect, budgets)).toBe(sentence);
});
