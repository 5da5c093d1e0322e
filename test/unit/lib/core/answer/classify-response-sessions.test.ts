import { describe, expect, it, test } from 'vitest';
import { classifyResponse } from '../../../../../src/lib/core/answer/classify-response.ts';
import { cpuTimeMs } from '../../../../setup/cpu-time.ts';
import { failureOf, kling, NOW_MS, relay, response } from './answers.ts';

const data = { session_id: 'S1' };

describe('session in an unclear answer', () => {
  test.each<[sentence: string, body: unknown, doubt: string]>([
    ['code 200', { code: 200, data }, 'its code is 200'],
    ['code "success"', { code: 'success', message: 'ok', data }, 'its code is success'],
    ['code "0000"', { code: '0000', data }, 'its code is 0000'],
    ['a code that Kling refuses with', { ...kling(1201), data }, 'its code is 1201'],
    ['a code that throttles', { ...kling(1303), data }, 'its code is 1303'],
    ['no code', { data }, 'it has no code'],
    ['a task envelope', { code: 0, data: { task_id: 'T', task_result: data } }, 'not inside data'],
    ['an envelope of a relay', { code: 'success', data: { code: 0, data } }, 'its code is success'],
    ['a list', { code: 0, data: [data] }, 'it is not inside data'],
    ['no envelope at all', { code: 0, session_id: 'S1' }, 'it is not inside data'],
    ['JSON as a text', { code: 0, data: JSON.stringify(data) }, 'it is not inside data'],
    ['another spelling', { code: 0, data: { sessionId: 'S1' } }, 'it is not inside data'],
    ['success: false', { code: 0, success: false, data }, 'success is false'],
    [
      'an error beside it',
      { code: 0, error: { message: 'no' }, data },
      'it has an error beside it',
    ],
    ['an error in data', { code: 0, data: { ...data, error: 'no' } }, 'data has an error in it'],
    ['a code in data', { code: 0, data: { ...data, code: 7 } }, 'data.code is 7'],
    [
      'a failed task',
      { code: 0, data: { ...data, task_status: 'failed' } },
      'task_status is failed',
    ],
    ['a failed status', { code: 0, status: 'error', data }, 'status is error'],
    ['a word in data.status', { code: 0, data: { ...data, status: 'success' } }, 'data.status is'],
    ['200 in data.status', { code: 0, data: { ...data, status: 200 } }, 'data.status is 200'],
    ['a body cut off', '{"code":0,"data":{"session_id":"S1","fps', 'the answer is incomplete'],
  ])('%s', (_sentence, body, doubt) => {
    const { kind, code, message } = failureOf(response(200, body));
    expect({ kind, code }).toEqual({ kind: 'unconfirmed', code: 'unclear_session' });
    expect(message).toContain('HTTP 200 names session S1, but ');
    expect(message).toContain(doubt);
  });

  test.each([500, 502, 400, 408])(
    'a session in an answer with HTTP %i is unconfirmed, and shown',
    (status) => {
      const { kind, message } = failureOf(response(status, { code: 0, data }));
      expect(kind).toBe('unconfirmed');
      expect(message).toContain(
        `HTTP ${status} names session S1, but the status is that of an error`,
      );
    },
  );

  test.each<[kind: string, status: number, body: object]>([
    ['account', 401, { ...relay('', 'Invalid token'), session_id: 'trace-7' }],
    ['throttled', 429, { ...kling(1303), session_id: 'trace-7' }],
    ['misconfigured', 404, { session_id: 'trace-7' }],
  ])('%s with %i closes the gate, whatever session it names', (kind, status, body) => {
    expect(failureOf(response(status, body)).kind).toBe(kind);
  });

  it('an answer with data.status refuses the video, and its session is shown', () => {
    const answer = response(200, { code: 0, data: { ...data, status: 2 } });
    expect(failureOf(answer)).toMatchObject({ kind: 'refused', code: 'data_status_2' });
    expect(failureOf(answer).message).toContain('though it names session S1');
  });

  test.each(['{"code":200,"data":{"session_id":""}}', '{"code":200,"data":{"session_id":null}}'])(
    'an unclear answer has no session to show when %s names none',
    (body) => {
      expect(failureOf(response(200, body))).toMatchObject({ kind: 'server', code: '200' });
    },
  );

  it('a session is found in bounded time, however the body is built', () => {
    const wide = {
      code: 9,
      data: Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [n, '{'])),
    };
    const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
    const tookMs = cpuTimeMs(() => {
      expect(failureOf(response(200, wide)).kind).toBe('server');
      expect(failureOf(response(200, deep)).kind).toBe('unconfirmed');
    });
    expect(tookMs).toBeLessThan(1_000);
  });
});

describe('session id', () => {
  const withId = (sessionId: unknown) =>
    classifyResponse(response(200, { code: 0, data: { session_id: sessionId } }), NOW_MS);

  test.each([
    [' S1\r\n', 'S1'],
    ['\uFEFF1234\u00A0', '1234'],
    ['=1+1', '=1+1'],
    ['a b', 'a b'],
    ['x'.repeat(400), 'x'.repeat(400)],
  ])('the session id %j is taken as %j', (given, taken) => {
    expect(withId(given)).toMatchObject({ ok: true, session: { sessionId: taken } });
  });

  test.each<[sentence: string, given: unknown, shown: string]>([
    ['control characters', 'S1\u001b[31m\u00002', 'S1 [31m 2'],
    ['a line break', 'S1\nS2', 'S1 S2'],
    ['a change of direction', 'S1\u202e2', 'S1 2'],
    ['letters beyond ASCII', 'Sé', 'Sé'],
    ['more than 400 characters', 'x'.repeat(401), 'x'.repeat(100)],
    ['a number', 78491234567, '78491234567'],
  ])('a session id with %s is unconfirmed, and shown clean', (_sentence, given, shown) => {
    const result = withId(given);
    expect(result).toMatchObject({ ok: false, failure: { kind: 'unconfirmed' } });
    expect(result.ok ? '' : result.failure.message).toContain(`names session ${shown}, but `);
  });
});

describe('reason', () => {
  const refusal = { status: 2 };
  const reason = 'the clip shows no person';
  test.each<[sentence: string, body: unknown]>([
    ['reject_reason', { code: 0, message: 'SUCCEED', data: { ...refusal, reject_reason: reason } }],
    [
      'task_status_msg',
      { code: 0, message: 'SUCCEED', data: { ...refusal, task_status_msg: reason } },
    ],
    ['fail_reason', { code: 0, message: 'Success', data: { ...refusal, failReason: reason } }],
    ['a message in data', { code: 0, message: 'ok', data: { ...refusal, message: reason } }],
    ['a deeper one', { code: 0, message: 'SUCCEED', data: { ...refusal, info: { msg: reason } } }],
    ['one at the top', { code: 0, message: 'SUCCEED', data: refusal, error_msg: reason }],
    ['one beside a code', { code: 1201, message: 'Invalid', data: { error_message: reason } }],
    ['one behind SUCCEED', { code: 1300, message: 'SUCCEED', data: { reason } }],
    ['one in a list', { code: 1201, message: 'failed', errors: [{ message: reason }] }],
    ['one behind an empty word', { code: 1201, message: reason, data: { reason: 'failed' } }],
    [
      'JSON as a text',
      { code: 1201, message: 'no', data: JSON.stringify({ reject_reason: reason }) },
    ],
  ])('the reason is %s', (_sentence, body) => {
    const failure = failureOf(response(200, body));
    expect(failure.kind).toBe('refused');
    expect(failure.message).toContain(reason);
    expect(failure.message).not.toMatch(/succe|ok\b/i);
  });

  test.each<[sentence: string, body: unknown, message: string]>([
    ['a code', { code: 1300, message: 'SUCCEED' }, 'the platform policy forbids it'],
    [
      'nothing',
      { code: 0, message: 'SUCCEED', data: refusal },
      'the API opened no session for this video (data.status 2)',
    ],
    ['a new code', { code: 1277, message: 'success' }, '1277'],
  ])('the reason is never SUCCEED where there is %s', (_sentence, body, message) => {
    expect(failureOf(response(200, body)).message).toBe(message);
  });

  it('the reason of an error status is the most specific, too', () => {
    const body = { detail: [{ loc: ['body', 'video_url'], msg: 'not a URL' }] };
    expect(failureOf(response(422, body)).message).toBe('not a URL');
  });
});
