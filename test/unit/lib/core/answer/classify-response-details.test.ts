import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { ApiAnswer } from '../../../../../src/lib/core/answer/api-answer.ts';
import { classifyResponse } from '../../../../../src/lib/core/answer/classify-response.ts';
import { failureOf, kling, NOW_MS, relay, response } from './answers.ts';

describe('relay that quotes its upstream', () => {
  const upstream = JSON.stringify(kling(1303, 'parallel task over resource pack limit'));
  const twice = JSON.stringify({ code: 'fail', message: upstream });
  const thrice = JSON.stringify({ error: { message: twice } });
  const rows: [sentence: string, body: unknown][] = [
    ['in error.message', relay('do_request_failed', upstream)],
    ['in the top-level message', { code: 'do_request_failed', message: upstream, data: null }],
    ['as an object', { code: 'x', message: kling(1303, 'parallel task over resource pack limit') }],
    ['behind a prefix', relay('x', `status_code=429, ${upstream}`)],
    ['two levels deep', relay('x', twice)],
    ['three levels deep', relay('x', thrice)],
  ];
  test.each(rows)(
    'the words of an upstream are read when a relay quotes them %s',
    (_sentence, body) => {
      expect(failureOf(response(500, body))).toMatchObject({
        kind: 'throttled',
        code: '1303',
        message: 'parallel task over resource pack limit',
        requestId: 'req-1',
      });
    },
  );

  it('a relay that quotes its upstream is not followed to a fourth level', () => {
    const deep = relay('x', JSON.stringify({ message: thrice }));
    expect(failureOf(response(500, deep))).toMatchObject({ kind: 'server', code: 'fail' });
  });

  it('the string code of a relay gives way to the numeric code of its upstream', () => {
    const body = relay('invalid_request', JSON.stringify(kling(1102)));
    expect(failureOf(response(400, body))).toMatchObject({ kind: 'account', code: '1102' });
  });
});

describe('words of a failure', () => {
  const message = (answer: ApiAnswer) => failureOf(answer).message;

  it("the words of a failure come from Kling's table when the body has none", () => {
    expect(message(response(429, { code: 1102 }))).toBe('the resource pack is used up or expired');
  });

  it('the words of a failure are at most 500 characters without control characters', () => {
    const words = message(
      response(400, kling(1201, `a\u0000\n\u001b[31mb\u202e${'x'.repeat(900)}`)),
    );
    expect(words).toMatch(/^a \[31mb x+$/);
    expect(words).toHaveLength(500);
  });

  it('the words of a failure say where a redirect leads, without its query and user-info', () => {
    const location = 'https://u:p@example.com/login?token=abc';
    const words = message(response(302, '', { Location: location }));
    expect(words).toBe(
      'the API redirects to https://example.com/login (HTTP 302); check API_BASE_URL',
    );
  });

  it('the words of a failure say the title of a page', () => {
    const page = '<html><head><title> Access\ndenied </title></head></html>';
    expect(message(response(403, page))).toContain('web page titled "Access denied" (HTTP 403)');
  });

  it('the words of a failure are the plain text of a body that is plain text', () => {
    expect(message(response(500, 'upstream connect error'))).toBe('upstream connect error');
  });

  it('the words of a failure say that the answer had none', () => {
    expect(message(response(503, ''))).toBe('HTTP 503 without a message');
  });

  it('the words of a failure come with the request id of a header if the body has none', () => {
    const answer = response(500, '', { 'X-Oneapi-Request-Id': '2026abc' });
    expect(failureOf(answer).requestId).toBe('2026abc');
  });
});

describe('Retry-After', () => {
  const rows: [value: string, waitMs: number | null][] = [
    ['7', 7000],
    ['0.5', 500],
    ['0', 0],
    ['-5', 0],
    ['999999999', 3_600_000],
    ['Sun, 01 Mar 2026 12:00:30 GMT', 30_000],
    ['Sunday, 01-Mar-26 12:00:30 GMT', 30_000],
    ['Sun Mar  1 12:00:30 2026', 30_000],
    ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
    ['Mon, 01 Mar 2027 12:00:00 GMT', 3_600_000],
    ['Sun, 99 Nonsense', null],
    ['soon 1', null],
    ['', null],
  ];
  test.each(rows)('a Retry-After of %j is %s ms', (value, waitMs) => {
    const answer = response(429, kling(1302), { 'Retry-After': value });
    expect(failureOf(answer).retryAfterMs).toBe(waitMs);
  });

  test.each([
    [
      'a clock that is ten minutes behind',
      'Sun, 01 Mar 2026 11:50:00 GMT',
      'Sun, 01 Mar 2026 11:50:30 GMT',
    ],
    [
      'a clock that is a day ahead',
      'Mon, 02 Mar 2026 12:00:00 GMT',
      'Mon, 02 Mar 2026 12:00:30 GMT',
    ],
    ['a Date that cannot be read', 'yesterday', 'Sun, 01 Mar 2026 12:00:30 GMT'],
  ])('a moment of a server with %s means the wait that the server meant', (_, date, moment) => {
    const answer = response(429, kling(1302), { Date: date, 'Retry-After': moment });
    expect(failureOf(answer).retryAfterMs).toBe(30_000);
  });
});

describe('any answer at all', () => {
  const KINDS = ['refused', 'throttled', 'account', 'misconfigured', 'server', 'unconfirmed'];
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('utf8')),
    fc.json(),
  );
  const field = fc.oneof(text, fc.integer(), fc.jsonValue(), fc.constantFrom(0, '0', 1303));
  const shape: fc.Arbitrary<unknown> = fc.record(
    {
      code: field,
      message: field,
      type: field,
      request_id: field,
      success: field,
      error: fc.oneof(
        field,
        fc.record({ code: field, message: field, type: field }, { requiredKeys: [] }),
      ),
      data: fc.oneof(
        field,
        fc.record({ status: field, session_id: field, fps: field }, { requiredKeys: [] }),
      ),
    },
    { requiredKeys: [] },
  );
  const name = fc.oneof(
    fc.string(),
    fc.constantFrom('retry-after', 'Content-Type', 'location', 'x-request-id', '__proto__'),
  );
  const answers = fc.record({
    kind: fc.constant('response' as const),
    status: fc.oneof(fc.integer({ min: 100, max: 599 }), fc.double(), fc.constant(200)),
    headers: fc.dictionary(name, fc.oneof(fc.string(), fc.array(fc.string()), text)),
    body: fc.oneof(
      text,
      shape.map((value) => JSON.stringify(value)),
    ),
    bodyProblem: fc.constantFrom(null, 'reset' as const, 'too_large' as const),
  });

  it('any answer at all gets a class and never throws', () => {
    fc.assert(
      fc.property(answers, (answer) => {
        const result = classifyResponse(answer, NOW_MS);
        if (result.ok) {
          expect(result.session.sessionId).not.toBe('');
          return;
        }
        const { kind, code, message, retryAfterMs } = result.failure;
        expect(KINDS).toContain(kind);
        expect(code).not.toBe('');
        expect(message.length).toBeLessThanOrEqual(500);
        expect(message).not.toMatch(/\p{Cc}/u);
        expect(retryAfterMs ?? 0).toBeGreaterThanOrEqual(0);
        expect(retryAfterMs ?? 0).toBeLessThanOrEqual(3_600_000);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    [
      'nested beyond any stack',
      `{"code":0,"data":{"status":${'['.repeat(200_000)}${']'.repeat(200_000)}}}`,
    ],
    [
      'named like the prototype',
      '{"code":"__proto__","error":{"code":"constructor"},"__proto__":{}}',
    ],
    ['of a megabyte of braces', '{'.repeat(1_000_000)],
  ])('a body gets a class when it is %s', (_sentence, body) => {
    expect(classifyResponse(response(200, body), NOW_MS).ok).toBe(false);
  });
});
