import { expect, test } from 'vitest';
import { startSandbox } from '../../../src/sandbox/start-sandbox.ts';
import { callAndLeave, callInTurn, callSandbox } from './call-sandbox.ts';

const start = (options = {}) =>
  startSandbox({ port: 0, latencyMs: 0, validate: false, ...options });

/** A server that applies this action to every call. */
async function startWith(action: object) {
  const sandbox = await start();
  sandbox.setScenario({ rules: [{ do: action }] });
  return sandbox;
}

test('a status, headers and a JSON body are sent as in the scenario', async () => {
  const body = { error: { message: 'busy', code: 'upstream_load_saturated' } };
  await using sandbox = await startWith({ status: 403, headers: { 'Retry-After': '7' }, body });
  const answer = await callSandbox(sandbox);
  expect([answer.status, answer.headers.get('retry-after'), answer.json]).toEqual([403, '7', body]);
  expect(answer.headers.get('content-type')).toMatch(/application\/json/);
  expect(sandbox.ledger().calls).toMatchObject([
    { result: 'scripted', httpStatus: 403, code: 'upstream_load_saturated', rule: 'rule 1' },
  ]);
});

test('a text body is sent unchanged', async () => {
  const headers = { 'Content-Type': 'text/html' };
  await using sandbox = await startWith({ status: 502, headers, body: '<h1>Bad gateway</h1>' });
  const answer = await callSandbox(sandbox);
  expect(answer.text).toBe('<h1>Bad gateway</h1>');
  expect(answer.headers.get('content-type')).toBe('text/html');
});

test('a Kling code comes with its documented status and message', async () => {
  await using sandbox = await startWith({ code: 1102 });
  const answer = await callSandbox(sandbox);
  expect(answer.status).toBe(429);
  expect(answer.json).toMatchObject({ code: 1102, message: 'Resource pack depleted or expired' });
});

test('a Kling code may come with another status', async () => {
  await using sandbox = await startWith({ code: 1302, status: 500 });
  expect((await callSandbox(sandbox)).status).toBe(500);
});

test('headers alone are added to the usual answer', async () => {
  await using sandbox = await startWith({ headers: { 'X-Trace': 'abc' } });
  const answer = await callSandbox(sandbox);
  expect([answer.status, answer.headers.get('x-trace'), answer.json.code]).toEqual([200, 'abc', 0]);
});

test('a delay replaces the latency', async () => {
  await using sandbox = await startWith({ delayMs: 120 });
  const startedAt = performance.now();
  await callSandbox(sandbox);
  expect(performance.now() - startedAt).toBeGreaterThan(110);
});

test('a reset before the call is acted on opens no session', async () => {
  await using sandbox = await startWith({ reset: 'before' });
  await expect(callSandbox(sandbox)).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
  expect(sandbox.ledger()).toMatchObject({ sessionsOpened: 0, calls: [{ result: 'none' }] });
});

test('a reset after the call was acted on leaves an orphan session', async () => {
  await using sandbox = await startWith({ reset: 'after' });
  await expect(callSandbox(sandbox)).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
  expect(sandbox.ledger()).toMatchObject({
    sessionsOpened: 1,
    orphanSessions: 1,
    calls: [{ result: 'opened', httpStatus: null, isDelivered: false }],
  });
});

test('half an answer ends before its announced length', async () => {
  await using sandbox = await startWith({ half: true });
  await expect(callSandbox(sandbox)).rejects.toThrow('terminated');
  expect(sandbox.ledger()).toMatchObject({ orphanSessions: 1, calls: [{ httpStatus: 200 }] });
});

test('a scripted answer can be cut in half too', async () => {
  await using sandbox = await startWith({ code: 5000, half: true });
  await expect(callSandbox(sandbox)).rejects.toThrow('terminated');
  expect(sandbox.ledger()).toMatchObject({ sessionsOpened: 0, calls: [{ httpStatus: 500 }] });
});

test('garbage is HTTP 200 around bytes that are not JSON', async () => {
  await using sandbox = await startWith({ garbage: true });
  const answer = await callSandbox(sandbox);
  expect([answer.status, answer.json]).toEqual([200, undefined]);
  expect(sandbox.ledger().orphanSessions).toBe(1);
});

test.each([
  ['before', 0],
  ['after', 1],
])('a call that hangs %s it is acted on opens %d sessions', async (moment, sessionsOpened) => {
  await using sandbox = await startWith({ hang: moment });
  await callAndLeave(sandbox);
  await expect.poll(() => sandbox.ledger().inFlight, { timeout: 5000 }).toBe(0);
  expect(sandbox.ledger()).toMatchObject({ sessionsOpened, calls: [{ isDelivered: false }] });
});

test('a scenario can be replaced while the server runs, and then counts from zero', async () => {
  const rules = [{ when: { calls: 1 }, do: { code: 1004 } }];
  await using sandbox = await start();
  const load = async (scenario: unknown) => {
    const method = { path: '/sandbox/scenario' };
    return (await callSandbox(sandbox, JSON.stringify(scenario), method)).status;
  };
  expect(await load({ rules })).toBe(200);
  expect(await callInTurn(sandbox, 2)).toEqual([401, 200]);
  expect(await load({ rules })).toBe(200);
  expect(await callInTurn(sandbox, 1)).toEqual([401]);
  expect(await load({ rules })).toBe(200);
  expect(await load(null)).toBe(200);
  expect(await callInTurn(sandbox, 1)).toEqual([200]);
  expect(await load('outage')).toBe(200);
});

test.each([
  ['a broken scenario', '{"rules":[{}]}'],
  ['an unknown name', '"no-such-name"'],
  ['the path of a file', '"/etc/passwd"'],
  ['broken JSON', '{'],
])('%s is refused and the scenario that plays continues', async (_sentence, body) => {
  await using sandbox = await startWith({ code: 5000 });
  const answer = await callSandbox(sandbox, body, { path: '/sandbox/scenario' });
  expect([answer.status, answer.json.problems]).toEqual([400, [expect.any(String)]]);
  expect(await callInTurn(sandbox, 1)).toEqual([500]);
});

test.each([
  ['throttle-storm', [200, 200, 200, 200, 200, 429, 429, 429, 429, 429, 429, 429, 429, 200]],
  ['retry-after', [200, 200, 200, 200, 200, 429, 429, 429, 200]],
  ['key-expires', [200, 200, 200, 200, 200, 401, 401, 401, 200]],
  ['resource-pack-used-up', [200, 200, 200, 200, 200, 429, 429, 429, 200]],
  ['relay-saturated', [200, 200, 200, 200, 200, 403, 403, 403, 200]],
  ['redirect-to-html', [200, 200, 200, 200, 200, 302, 302, 302, 200]],
])('%s answers %j', async (scenario, statuses) => {
  await using sandbox = await start({ scenario });
  expect(await callInTurn(sandbox, statuses.length)).toEqual(statuses);
});

test('an outage lasts as long as the scenario says', async () => {
  const clock = { nowMs: 1_000_000 };
  await using sandbox = await start({ scenario: 'outage', now: () => clock.nowMs });
  const statusAfter = async (elapsedMs: number) => {
    clock.nowMs = 1_000_000 + elapsedMs;
    return (await callSandbox(sandbox)).status;
  };
  const statuses = [];
  for (const elapsedMs of [0, 999, 1000, 10_999, 11_000])
    statuses.push(await statusAfter(elapsedMs));
  expect(statuses).toEqual([200, 200, 503, 503, 200]);
});

test.each(['lost-answers', 'half-answers'])('%s loses about one call in ten', async (scenario) => {
  await using sandbox = await start({ scenario });
  const statuses = await callInTurn(sandbox, 100);
  const lost = statuses.filter((status) => status === 'lost').length;
  expect(lost).toBeGreaterThan(3);
  expect(lost).toBeLessThan(20);
  expect(sandbox.ledger()).toMatchObject({ sessionsOpened: 100, orphanSessions: lost });
});
