import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../../src/sandbox/start-sandbox.ts';
import { callSandbox, GOOD_PAIR, INIT_SELECTION } from './call-sandbox.ts';

const KLING = { path: INIT_SELECTION };

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, latencyMs: 0 });
});

afterAll(() => sandbox.close());

const video = (name: string) => ({ video_url: `${sandbox.url}/videos/${name}` });

test.each([`/kling${INIT_SELECTION}`, INIT_SELECTION])('%s opens sessions', async (path) => {
  const answer = await callSandbox(sandbox, GOOD_PAIR, { path });
  expect(answer.status).toBe(200);
  expect(answer.json).toMatchObject({
    code: 0,
    message: expect.stringMatching(/^(SUCCEED|success|Success)$/),
    request_id: expect.stringMatching(/./),
    data: { status: 0, session_id: expect.stringMatching(/^\d{18}$/) },
  });
});

test('no two sessions have the same id', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => callSandbox(sandbox)));
  expect(new Set(answers.map((answer) => answer.json.data.session_id)).size).toBe(20);
});

test('the message of a success varies in spelling', async () => {
  const answers = await Promise.all(Array.from({ length: 3 }, () => callSandbox(sandbox)));
  const messages = answers.map((answer) => answer.json.message);
  expect(messages.toSorted()).toEqual(['SUCCEED', 'Success', 'success']);
});

test('a session for a URL describes the video', async () => {
  const answer = await callSandbox(sandbox, video('good.mp4'));
  expect(answer.json.data).toMatchObject({
    fps: 30,
    original_duration: 5000,
    width: 1280,
    height: 720,
    total_frame: 150,
    normalized_video: `${sandbox.url}/videos/good.mp4`,
    final_unit_deduction: expect.any(String),
  });
});

test.each<[sentence: string, authorization: string, relay: RegExp, klingCode: number]>([
  ['no key', '', /no token/, 1001],
  ['a wrong key', 'Bearer wrong', /invalid token/, 1002],
])('%s is HTTP 401 in both dialects', async (_sentence, authorization, relay, klingCode) => {
  const headers = { authorization };
  const byRelay = await callSandbox(sandbox, GOOD_PAIR, { headers });
  const byKling = await callSandbox(sandbox, GOOD_PAIR, { headers, ...KLING });
  expect([byRelay.status, byKling.status]).toEqual([401, 401]);
  expect(byRelay.json.error.message).toMatch(relay);
  expect(byKling.json.code).toBe(klingCode);
});

test('a malformed request is HTTP 400 in both dialects', async () => {
  const byRelay = await callSandbox(sandbox, {});
  const byKling = await callSandbox(sandbox, {}, KLING);
  expect([byRelay.status, byKling.status]).toEqual([400, 400]);
  expect(byRelay.json.error).toMatchObject({ code: 'invalid_request' });
  expect(byKling.json).toMatchObject({ code: 1201, message: expect.stringContaining('required') });
});

test('a body that is not JSON is a malformed request', async () => {
  const answer = await callSandbox(sandbox, '{"video_url"');
  expect(answer.json.error.code).toBe('invalid_request');
});

test.each([
  ['too-short.mp4', /duration is 1\.500 s/],
  ['missing.mp4', /could not be fetched: HTTP 404/],
  ['forbidden.mp4', /could not be fetched: HTTP 403/],
  ['access-denied.mp4', /not a video/],
  ['truncated.mp4', /not a video/],
  ['really-webm.mp4', /container is matroska/],
])('%s is refused in both dialects', async (name, reason) => {
  const byRelay = await callSandbox(sandbox, video(name));
  const byKling = await callSandbox(sandbox, video(name), KLING);
  expect([byRelay.status, byKling.status]).toEqual([400, 400]);
  expect(byRelay.json.error.code).toBe('multi_elements_init_rejected');
  expect(byRelay.json.error.message).toMatch(reason);
  expect(byKling.json).toMatchObject({ code: 1201, message: expect.stringMatching(reason) });
});

test('a video whose host cannot be reached is refused', async () => {
  const answer = await callSandbox(sandbox, { video_url: 'http://127.0.0.1:1/clip.mp4' });
  expect(answer.json.error.message).toMatch(/could not be fetched/);
});

test.each([
  ['900000000000001203', 404, { code: 1203 }],
  ['900000000000001301', 400, { code: 1301 }],
  ['900000000000001102', 429, { code: 1102 }],
  ['900000000000005001', 503, { code: 5001 }],
  ['900000000000000001', 200, { code: 0, data: { status: 1 } }],
  ['90000000000000130', 404, { code: 1203 }],
  ['900000000000009999', 200, { code: 0, data: { status: 0 } }],
])('video_id %s is answered HTTP %d', async (video_id, status, body) => {
  const answer = await callSandbox(sandbox, { ...GOOD_PAIR, video_id });
  expect(answer.status).toBe(status);
  expect(answer.json).toMatchObject(body);
});

test('an unrecognised video has no session id', async () => {
  const answer = await callSandbox(sandbox, { ...GOOD_PAIR, video_id: '900000000000000001' });
  expect(answer.json.data).not.toHaveProperty('session_id');
});

test('video_id 900000000000000002 opens a session and loses the answer', async () => {
  const source = { ...GOOD_PAIR, video_id: '900000000000000002' };
  await expect(callSandbox(sandbox, source)).rejects.toThrow();
  const record = sandbox
    .ledger()
    .calls.findLast((call) => call.source?.videoId === source.video_id);
  expect(record).toMatchObject({ result: 'opened', isDelivered: false, httpStatus: null });
});

test('another method is 1202', async () => {
  const answer = await callSandbox(sandbox, undefined, { method: 'GET' });
  expect([answer.status, answer.json.code]).toEqual([404, 1202]);
});

test('another path is HTTP 404', async () => {
  const answer = await callSandbox(sandbox, GOOD_PAIR, { path: '/v2/videos' });
  expect([answer.status, answer.json.error.message]).toEqual([
    404,
    'Invalid URL (POST /v2/videos)',
  ]);
});

test('any address opens a session without validation', async () => {
  await using fast = await startSandbox({ port: 0, latencyMs: 0, validate: false });
  const answer = await callSandbox(fast, { video_url: 'http://127.0.0.1:1/clip.mp4' });
  expect(answer.json.data).not.toHaveProperty('fps');
  expect(answer.json.data.session_id).toMatch(/^\d{18}$/);
});

test('if ffprobe cannot run, the message blames the practice API', async () => {
  await using broken = await startSandbox({ port: 0, latencyMs: 0, ffprobePath: '/no/ffprobe' });
  const answer = await callSandbox(broken, { video_url: `${broken.url}/videos/good.mp4` });
  expect([answer.status, answer.text]).toEqual([500, expect.stringMatching(/ffprobe cannot run/)]);
});
