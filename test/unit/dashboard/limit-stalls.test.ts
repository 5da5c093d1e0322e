import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pass } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { limitStalls } from '../../../src/dashboard/uploads/limit-stalls.ts';

const LIMIT = { everyMs: 400, minBytes: 1_024 };
const PART = Buffer.alloc(2_048, 'x');

/** A server that answers with the size of what it was sent, and a request to it that is still open. */
async function begin(headers: Record<string, string> = {}) {
  const server = createServer(async (incoming, response) => {
    const body = await text(incoming).catch(() => null);
    if (body !== null) response.end(String(body.length));
  });
  limitStalls(server, LIMIT);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const sending = request({ port, host: '127.0.0.1', method: 'POST', headers });
  sending.on('error', () => undefined);
  const answer = once(sending, 'response').then(async (given) => {
    const [response] = given as [IncomingMessage];
    return { status: response.statusCode, body: await text(response) };
  });
  return { server, sending, answer };
}

test('an upload may take any time while bytes keep arriving', async () => {
  const { server, sending, answer } = await begin();
  // Three times as long as a stall may last; Node's own limit for the whole would be 300 s.
  for (let part = 0; part < 10; part += 1) {
    sending.write(PART);
    await pass(LIMIT.everyMs / 3);
  }
  sending.end();
  expect(await answer).toEqual({ status: 200, body: String(10 * PART.length) });
  expect(server.requestTimeout).toBe(0);
});

test.each([
  ['stops', 0],
  ['trickles', 1],
])('an upload that %s is cut, with a sentence', async (_what, bytes) => {
  const { sending, answer } = await begin({ 'content-length': '1000000' });
  sending.write(PART);
  const trickling = setInterval(() => bytes > 0 && sending.write('x'), 20);
  onTestFinished(() => clearInterval(trickling));
  const cut = { status: 408, body: 'Less than 1 KiB arrived in 0.4 s; try again.\n' };
  expect(await answer).toEqual(cut);
});

test('an answer that takes long is not cut', async () => {
  const server = createServer(async (_incoming, response) => {
    await pass(4 * LIMIT.everyMs);
    response.end('late');
  });
  limitStalls(server, LIMIT);
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('late');
});
