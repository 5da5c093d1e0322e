import { describe, expect, it, test } from 'vitest';
import type { ApiAnswer, TransportProblem } from '../../../../../src/lib/core/answer/api-answer.ts';
import type { ApiFailureKind } from '../../../../../src/lib/core/answer/api-failure.ts';
import { classifyResponse } from '../../../../../src/lib/core/answer/classify-response.ts';
import { failureOf, kling, NOW_MS, relay, response } from './answers.ts';

const session = { session_id: 'S1' };

describe('success', () => {
  const successes: [sentence: string, status: number, body: unknown][] = [
    ['code 0 as a number', 200, { code: 0, message: 'SUCCEED', data: { status: 0, ...session } }],
    ['code 0 as a string', 200, { code: '0', message: 'success', data: session }],
    ['any 2xx', 201, { code: 0, data: session }],
    ['data.status as a string', 200, { code: 0, data: { status: '0', ...session } }],
    ['data.status null', 200, { code: 0, data: { status: null, ...session } }],
    ['whatever the message says', 200, { code: 0, message: 'invalid token', data: session }],
    ['a byte order mark before it', 200, `\uFEFF${JSON.stringify({ code: 0, data: session })}`],
  ];
  test.each(successes)('%s', (_sentence, status, body) => {
    const result = classifyResponse(response(status, body), NOW_MS);
    expect(result).toMatchObject({ ok: true, session: { sessionId: 'S1' } });
  });

  it('a success keeps the request id and what Kling says about the video, and nothing else', () => {
    const data = {
      ...session,
      fps: 30,
      original_duration: 5041.5,
      width: 1280,
      height: 720,
      total_frame: 150,
      normalized_video: 'https://cdn.example/n.mp4',
      final_unit_deduction: '0.5',
      secret: 'no',
    };
    const { session_id: _, secret: __, ...details } = data;
    expect(classifyResponse(response(200, { code: 0, request_id: 'r', data }), NOW_MS)).toEqual({
      ok: true,
      session: { sessionId: 'S1', requestId: 'r', httpStatus: 200, details },
    });
  });
});

type Row = [code: string, sentence: string, answer: ApiAnswer];

function bare(status: number): Row {
  return [`http_${status}`, `a bare ${status}`, response(status)];
}

function ofKling(code: number, status: number): Row {
  return [String(code), `Kling ${code} with ${status}`, response(status, kling(code))];
}

function onTheWire(problem: TransportProblem, wasSent: boolean): Row {
  const when = wasSent ? 'after' : 'before';
  const answer: ApiAnswer = { kind: 'transport_error', wasSent, problem, message: problem };
  return [problem, `${problem} ${when} the request was sent`, answer];
}

const invalid = { code: 'invalid_request', message: 'video_url' };
const saturated = relay('upstream_load_saturated');
const saturatedType = relay(null, '', 'upstream_load_saturated');
const chinese = { message: '当前分组上游负载已饱和，请稍后再试' };
const wait = { 'Retry-After': '7' };
const html = { 'Content-Type': 'text/html; charset=utf-8' };
const page = '<html><head><title>502 Bad Gateway</title></head></html>';
const noSession = { code: 0, data: { session_id: ' ' } };

const refused: Row[] = [
  ofKling(1200, 400),
  ofKling(1201, 400),
  ofKling(1201, 200),
  ofKling(1203, 404),
  ofKling(1300, 400),
  ofKling(1301, 400),
  ['data_status_2', 'data.status 2', response(200, { code: 0, data: { status: 2, ...session } })],
  ['data_status_bad', 'data.status a word', response(200, { code: 0, data: { status: 'bad' } })],
  [
    'multi_elements_init_rejected',
    'a rejected init',
    response(500, relay('multi_elements_init_rejected')),
  ],
  ['invalid_request', 'invalid_request with 400', response(400, invalid)],
  ['invalid_request', 'invalid_request with 500', response(500, invalid)],
  bare(400),
  bare(413),
  bare(422),
];

const throttled: Row[] = [
  ofKling(1302, 429),
  ofKling(1303, 429),
  ofKling(1303, 200),
  ['1303', 'Kling 1303 as a string', response(429, kling('1303'))],
  bare(429),
  ['http_429', 'a page with 429', response(429, page)],
  ['http_429', 'a 429 cut off', { ...response(429, '{"co'), bodyProblem: 'reset' }],
  ['upstream_load_saturated', 'saturation with 429', response(429, saturated)],
  ['upstream_load_saturated', 'saturation with 403', response(403, saturated)],
  ['upstream_load_saturated', 'saturation in the type alone', response(500, saturatedType)],
  ['http_503', 'saturation in Chinese', response(503, chinese)],
  ['http_503', '503 with Retry-After', response(503, '', wait)],
  ['http_403', '403 with Retry-After', response(403, '', wait)],
  ['5001', 'Kling 5001 with Retry-After', response(503, kling(5001), wait)],
];

const noUserQuota = relay('insufficient_user_quota');
const account: Row[] = [
  ...[1000, 1001, 1002, 1003, 1004].map((code) => ofKling(code, 401)),
  ...[1100, 1101, 1102, 1304].map((code) => ofKling(code, 429)),
  ofKling(1103, 403),
  ['1102', 'Kling 1102 with Retry-After', response(429, kling(1102), wait)],
  bare(401),
  bare(402),
  bare(403),
  ['insufficient_user_quota', 'no user quota with 403', response(403, noUserQuota)],
  ['insufficient_user_quota', 'no user quota with 429', response(429, noUserQuota)],
  [
    'pre_consume_token_quota_failed',
    'no token quota',
    response(500, relay('pre_consume_token_quota_failed')),
  ],
  ['http_500', 'quota words alone', response(500, relay(null, 'User quota is not enough'))],
  ['http_500', 'quota words in Chinese', response(500, relay('', '用户额度不足'))],
  ['http_500', 'a key that is wrong', response(500, { message: 'Invalid Token' })],
  ['http_200', 'quota words as plain text with 200', response(200, '用户额度不足')],
  onTheWire('authorization', false),
];

const misconfigured: Row[] = [
  ['http_301', 'a redirect', response(301, '', { location: '/login' })],
  ['http_302', 'a redirect with a Kling body', response(302, kling(1303))],
  ['http_304', '304', response(304)],
  ['html', 'a page with 200', response(200, '<!doctype html><p>Hello')],
  ['html', 'a page with 403', response(403, '  <html><body>no</body></html>')],
  ['html', 'anything that is called HTML', response(200, 'Welcome', html)],
  bare(404),
  bare(405),
  ['http_405', 'a 405 with words', response(405, { detail: 'Method Not Allowed' })],
  ofKling(1202, 400),
  ['model_not_found', 'a model not on offer', response(503, relay('model_not_found'))],
];

const server: Row[] = [
  ofKling(5000, 500),
  ofKling(5001, 503),
  ofKling(5002, 504),
  ...[500, 502, 503, 504, 520, 521, 522, 523, 524, 408].map(bare),
  ['http_502', "a proxy's page with 502", response(502, page)],
  onTheWire('dns', false),
  onTheWire('refused', false),
  onTheWire('reset', false),
  onTheWire('tls', false),
  onTheWire('timeout', false),
];

const unconfirmed: Row[] = [
  onTheWire('timeout', true),
  onTheWire('reset', true),
  onTheWire('aborted', true),
  onTheWire('not_http', true),
  ['unreadable_body', 'broken JSON', response(200, '{"code":0,"data":{"sess')],
  ['unreadable_body', 'JSON that is no object', response(200, '[]')],
  ['reset', 'a 200 cut off', { ...response(200, '{"code":0,'), bodyProblem: 'reset' }],
  ['empty_body', 'an empty 200', response(200)],
  ['empty_body', '204', response(204)],
  ['no_session', 'code 0 without data', response(200, { code: 0 })],
  ['no_session', 'code 0 with an empty session id', response(200, noSession)],
  [
    'no_session',
    'a word for success in data.status, and no session',
    response(200, { code: 0, data: { status: 'success' } }),
  ],
];

describe.each<[ApiFailureKind, Row[]]>([
  ['refused', refused],
  ['throttled', throttled],
  ['account', account],
  ['misconfigured', misconfigured],
  ['server', server],
  ['unconfirmed', unconfirmed],
])('%s', (kind, rows) => {
  test.each(rows)('%s: %s', (code, _sentence, answer) => {
    expect(failureOf(answer)).toMatchObject({ kind, code });
  });
});

describe('what the API page leaves open', () => {
  test.each<[ApiFailureKind, ...Row]>([
    ['account', '1105', 'an unknown 11xx with 429', response(429, kling(1105))],
    ['refused', '1299', 'an unknown 12xx with 200', response(200, kling(1299))],
    ['server', '5077', 'an unknown 50xx with 200', response(200, kling(5077))],
    ['throttled', '1305', 'an unknown 13xx, by its status', response(429, kling(1305))],
    ['refused', '1305', 'an unknown 13xx with 400', response(400, kling(1305))],
    ['server', '9999', 'an unknown code with 200', response(200, kling(9999))],
    ['server', 'http_200', 'an error with 200', response(200, { error: { message: 'oops' } })],
    ['server', 'http_200', 'success: false with 200', response(200, { success: false })],
    ['refused', 'http_418', 'an unknown 4xx counts as 400', response(418)],
    ['server', 'http_599', 'an unknown 5xx counts as 500', response(599)],
  ])('%s (%s): %s', (kind, code, _sentence, answer) => {
    expect(failureOf(answer)).toMatchObject({ kind, code });
  });
});
