import { describe, expect, it, test } from 'vitest';
import type { ApiFailureKind } from '../../../../../src/lib/core/answer/api-failure.ts';
import { clockTime, explainGate } from '../../../../../src/lib/core/gate/explain-gate.ts';
import { type Gate, newGate } from '../../../../../src/lib/core/gate/gate.ts';

/** A time of day in the machine's own time zone. */
const at = (time: string): number => new Date(`2026-03-01T${time}`).getTime();

const NOW_MS = at('14:32:00');

const cause = (kind: ApiFailureKind, code: string, message = 'words') => ({ kind, code, message });

function closed(others: Partial<Gate> = {}): Gate {
  const throttled = cause('throttled', '1302');
  const untilMs = at('14:32:10');
  return { ...newGate(0), mode: 'closed', untilMs, cause: throttled, ...others };
}

function blocked(others: Partial<Gate> = {}): Gate {
  const usual = { sinceMs: at('02:14:40'), untilMs: at('14:40:05'), needsTrialCall: true };
  return { ...newGate(0), mode: 'blocked', cause: cause('account', '1102'), ...usual, ...others };
}

const closings = (times: number): number[] => Array.from({ length: times }, (_, i) => NOW_MS - i);

describe('a gate that lets calls through has nothing to explain', () => {
  test.each<[what: string, gate: Gate]>([
    ['open', newGate(0)],
    ['closed, but the time is over', closed({ untilMs: NOW_MS })],
  ])('%s', (_what, gate) => {
    expect(explainGate(gate, NOW_MS)).toBeNull();
  });
});

describe('closed gate', () => {
  test.each<[sentence: string, gate: Gate]>([
    ['The API asked to wait until 14:32:10.', closed({ recentClosingsMs: closings(1) })],
    [
      'The API asked to wait until 14:32:10 (third time this hour).',
      closed({ recentClosingsMs: closings(3) }),
    ],
    [
      'The API asked to wait until 14:32:10 (second time this hour).',
      closed({ recentClosingsMs: [NOW_MS - 3_600_000, ...closings(2)] }),
    ],
    [
      'The API answers with errors (the API is unavailable for maintenance (5001)); waiting until 14:32:10.',
      closed({ cause: cause('server', '5001') }),
    ],
    [
      'The API answers with errors (bad gateway (http_502)); waiting until 14:32:10.',
      closed({ cause: cause('server', 'http_502', 'bad gateway') }),
    ],
    [
      'One call is trying whether the API takes calls again (second time this hour).',
      closed({ untilMs: NOW_MS, needsTrialCall: true, recentClosingsMs: closings(2) }),
    ],
  ])('%s', (sentence, gate) => {
    expect(explainGate(gate, NOW_MS)).toBe(sentence);
  });

  test.each<[times: number, words: string]>([
    [6, 'sixth'],
    [7, '7th'],
    [12, '12th'],
    [21, '21st'],
    [22, '22nd'],
    [33, '33rd'],
    [60, '60th'],
  ])('a closed gate counts %i closings as the %s', (times, words) => {
    const gate = closed({ recentClosingsMs: closings(times) });
    expect(explainGate(gate, NOW_MS)).toContain(`(${words} time this hour)`);
  });
});

describe('a blocked gate', () => {
  test.each<[sentence: string, gate: Gate]>([
    [
      'Blocked since 02:14: the resource pack is used up or expired (1102). Next try 14:40:05; `kling-sessions gate open` tries now.',
      blocked(),
    ],
    [
      'Blocked since 02:14: 用户额度不足 (insufficient_user_quota). Next try 14:40:05; `kling-sessions gate open` tries now.',
      blocked({ cause: cause('account', 'insufficient_user_quota', '用户额度不足') }),
    ],
    [
      'Blocked since 02:14: no such model (model_not_found); check API_BASE_URL, and whether the model is available. Next try 14:40:05; `kling-sessions gate open` tries now.',
      blocked({ cause: cause('misconfigured', 'model_not_found', 'no such model') }),
    ],
    [
      'Blocked since 02:14: the API redirects (HTTP 302); check API_BASE_URL (redirect). Next try 14:40:05; `kling-sessions gate open` tries now.',
      blocked({
        cause: cause(
          'misconfigured',
          'redirect',
          'the API redirects (HTTP 302); check API_BASE_URL',
        ),
      }),
    ],
    [
      'Blocked since 02:14: the resource pack is used up or expired (1102). One call is trying now.',
      blocked({ untilMs: NOW_MS }),
    ],
    [
      'Blocked since 02:14: no reason was recorded. One call is trying now.',
      blocked({ untilMs: NOW_MS, cause: null }),
    ],
  ])('%s', (sentence, gate) => {
    expect(explainGate(gate, NOW_MS)).toBe(sentence);
  });
});

it("the explanation shows the machine's local time", () => {
  expect(clockTime(at('00:00:00'))).toBe('00:00:00');
  expect(clockTime(at('23:59:59'))).toBe('23:59:59');
});
