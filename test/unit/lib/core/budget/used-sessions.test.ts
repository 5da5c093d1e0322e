import { expect, it } from 'vitest';
import {
  addUsed,
  NONE_USED,
  withinUsed,
} from '../../../../../src/lib/core/budget/used-sessions.ts';
import type { Outcome } from '../../../../../src/lib/core/row/outcome.ts';
import type { Renewal } from '../../../../../src/lib/core/row/renewal.ts';
import { newRowProgress } from '../../../../../src/lib/core/row/row-progress.ts';

const ended = (fields: Partial<Outcome> = {}): Outcome => ({
  status: 'failed',
  finishedAtMs: 1,
  attempts: 1,
  warnings: [],
  ...fields,
});
const opened = ended({ status: 'succeeded', session: { id: 's', expiresAtMs: 2 } });
const kept = ended({
  ...opened,
  status: 'reused',
  keptFrom: { batchId: 'b', row: 1 },
  attempts: 3,
});
const calling = { ...newRowProgress('opening'), attempts: 2, lostCalls: 1, isCalling: true };
const damaged = ended({ error: { code: 'record_damaged', message: '' } });
const all = Number.POSITIVE_INFINITY;

it.each<[string, Parameters<typeof addUsed>[1], boolean, { least: number; most: number }]>([
  ['has not begun', row({}), false, { least: 0, most: 0 }],
  ['has a session', row({ outcome: opened }), false, { least: 1, most: 1 }],
  [
    'failed after three calls',
    row({ outcome: ended({ attempts: 3 }) }),
    false,
    { least: 0, most: 3 },
  ],
  ['lost a call', row({ outcome: ended({ possibleOrphans: 1 }) }), false, { least: 1, most: 2 }],
  ['is being called', row({ progress: calling }), false, { least: 2, most: 4 }],
  ['keeps a session', row({ outcome: kept }), false, { least: 0, most: 0 }],
  ['was refreshed', row({ outcome: opened, earlier: [opened] }), false, { least: 2, most: 2 }],
  ['replaced a kept one', row({ outcome: opened, earlier: [kept] }), false, { least: 1, most: 1 }],
  ['may inherit', row({ outcome: opened, earlier: [opened] }), true, { least: 1, most: 2 }],
  [
    'is called to renew its session',
    row({ outcome: { ...opened, renewal: renewed({ isCalling: true }) } }),
    false,
    { least: 2, most: 4 },
  ],
  [
    'renews a kept session',
    row({ outcome: { ...kept, renewal: renewed() } }),
    false,
    { least: 0, most: 2 },
  ],
  [
    'was refreshed after a renewal failed',
    row({ outcome: opened, earlier: [{ ...opened, renewal: renewed() }] }),
    false,
    { least: 2, most: 4 },
  ],
  ['is damaged', row({ outcome: damaged }), false, { least: 0, most: all }],
])('a row that %s', (_, one, mayInherit, used) => {
  expect(addUsed(NONE_USED, one, mayInherit)).toEqual(used);
});

function renewed(fields: Partial<Renewal> = {}): Renewal {
  const { unconfirmed, isCalling, callBeganMs, faults, firstCallOpenMs, writer } =
    newRowProgress('ready');
  const spent = { unconfirmed, isCalling, callBeganMs, faults, firstCallOpenMs, writer };
  return { ...spent, attempts: 2, failedAttempts: [], givenUp: null, ...fields };
}

function row(fields: Partial<Parameters<typeof addUsed>[1]>): Parameters<typeof addUsed>[1] {
  return { outcome: null, progress: null, earlier: [], ...fields };
}

it('a count is brought within what the rows show', () => {
  const used = { least: 3, most: 5 };
  expect([2, 3, 4, 5, 6].map((count) => withinUsed(count, used))).toEqual([3, 3, 4, 5, 5]);
});
