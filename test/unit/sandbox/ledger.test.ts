import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { startSandbox } from '../../../src/sandbox/start-sandbox.ts';
import { callAndLeave, callSandbox, GOOD_PAIR } from './call-sandbox.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

const start = (options = {}) => startSandbox({ port: 0, latencyMs: 0, ...options });

/** A host that delays every request for a video until it is released, so that calls stay in flight. */
async function startSlowHost() {
  const waiting: (() => void)[] = [];
  const server = createServer((_request, response) => {
    waiting.push(() => response.writeHead(404).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    videoUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/clip.mp4`,
    waiting,
    release: () => {
      for (const answer of waiting.splice(0)) answer();
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('a call over the concurrency limit is HTTP 429 with 1303', async () => {
  await using host = await startSlowHost();
  await using sandbox = await start({ concurrencyLimit: 2 });
  const held = [1, 2].map(() => callSandbox(sandbox, { video_url: host.videoUrl }));
  await expect.poll(() => host.waiting.length, { timeout: 5000 }).toBe(2);
  const over = await callSandbox(sandbox);
  expect([over.status, over.json.code]).toEqual([429, 1303]);
  host.release();
  await Promise.all(held);
  expect((await callSandbox(sandbox)).status).toBe(200);
  expect(sandbox.ledger()).toMatchObject({ inFlight: 0, maxInFlight: 3 });
});

test('a call over the rate limit is HTTP 429 with 1302, until a second has passed', async () => {
  const clock = { nowMs: 5000 };
  await using sandbox = await start({ ratePerSecond: 2, now: () => clock.nowMs });
  const statusAt = async (nowMs: number) => {
    clock.nowMs = nowMs;
    const answer = await callSandbox(sandbox);
    return [answer.status, answer.json.code];
  };
  const answers = [];
  for (const nowMs of [5000, 5600, 5999, 6000]) answers.push(await statusAt(nowMs));
  expect(answers).toEqual([
    [200, 0],
    [200, 0],
    [429, 1302],
    [200, 0],
  ]);
});

test('the ledger lists each call', async () => {
  const clock = { nowMs: 1_700_000_000_000 };
  await using sandbox = await start({ now: () => clock.nowMs });
  const answer = await callSandbox(sandbox);
  expect(sandbox.ledger().calls).toEqual([
    {
      call: 1,
      arrivedAtMs: clock.nowMs,
      endedAtMs: clock.nowMs,
      inFlightAtArrival: 1,
      source: { videoUrl: null, videoId: GOOD_PAIR.video_id, taskId: GOOD_PAIR.task_id },
      result: 'opened',
      httpStatus: 200,
      code: '0',
      sessionId: answer.json.data.session_id,
      isDelivered: true,
      rule: null,
    },
  ]);
});

test.each<[sentence: string, body: unknown, authorization: string, result: object]>([
  ['a wrong key', GOOD_PAIR, 'Bearer no', { result: 'unauthorized', httpStatus: 401 }],
  ['a malformed body', '[]', 'Bearer sandbox-key', { result: 'refused', code: 'invalid_request' }],
  [
    'an id that is not a string',
    { video_id: 1 },
    'Bearer sandbox-key',
    { source: { videoId: null } },
  ],
])('the ledger tells of %s', async (_sentence, body, authorization, result) => {
  await using sandbox = await start();
  await callSandbox(sandbox, body, { headers: { authorization } });
  expect(sandbox.ledger().calls).toMatchObject([{ ...result, isDelivered: true, sessionId: null }]);
});

test('the most calls within any sliding second are counted', async () => {
  const clock = { nowMs: 0 };
  await using sandbox = await start({ now: () => clock.nowMs });
  for (const nowMs of [0, 600, 1000, 1500, 1599, 1600, 9000]) {
    clock.nowMs = nowMs;
    await callSandbox(sandbox);
  }
  expect(sandbox.ledger()).toMatchObject({ totalCalls: 7, maxPerSecond: 4, maxInFlight: 1 });
});

test('a caller that disconnects has opened a session that it does not know', async () => {
  await using sandbox = await start({ latencyMs: 500 });
  await callAndLeave(sandbox);
  await expect.poll(() => sandbox.ledger().inFlight, { timeout: 5000 }).toBe(0);
  expect(sandbox.ledger()).toMatchObject({ sessionsOpened: 1, orphanSessions: 1 });
});

test('the ledger over HTTP equals the ledger in the process', async () => {
  await using sandbox = await start();
  await callSandbox(sandbox);
  await callSandbox(sandbox, {});
  const get = async (path: string) => (await fetch(`${sandbox.url}${path}`)).json();
  expect(await get('/sandbox/ledger')).toEqual(sandbox.ledger());
  expect(await get('/sandbox/ledger?after=1')).toMatchObject({
    totalCalls: 2,
    calls: [{ call: 2 }],
  });
});

test('a session lives for 24 hours', async () => {
  const clock = { nowMs: 1_700_000_000_000 };
  await using sandbox = await start({ now: () => clock.nowMs });
  const id = (await callSandbox(sandbox)).json.data.session_id;
  const isLive = async () => {
    const response = await fetch(`${sandbox.url}/sandbox/sessions/${id}`);
    return ((await response.json()) as { isLive: boolean }).isLive;
  };
  clock.nowMs += DAY_MS - 1;
  expect(await isLive()).toBe(true);
  clock.nowMs += 1;
  expect(await isLive()).toBe(false);
});

test('a session that was never opened is not found', async () => {
  await using sandbox = await start();
  expect((await fetch(`${sandbox.url}/sandbox/sessions/123`)).status).toBe(404);
});
