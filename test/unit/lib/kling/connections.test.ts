import { getEventListeners } from 'node:events';
import { Agent } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it, test, vi } from 'vitest';
import { bearerAuthorizer } from '../../../../src/lib/kling/authorizer.ts';
import { ConnectionPool } from '../../../../src/lib/kling/connection-pool.ts';
import { createKlingClient } from '../../../../src/lib/kling/create-kling-client.ts';
import type { CallResult, KlingClient } from '../../../../src/lib/kling/kling-client.ts';
import { httpAnswer, type RawServer, rawServer } from './raw-server.ts';

const SUCCESS = httpAnswer(200, JSON.stringify({ code: 0, data: { session_id: 'S1' } }));

const clientOf = ({ port }: RawServer, concurrency: number): KlingClient & AsyncDisposable =>
  createKlingClient({
    baseUrl: `http://127.0.0.1:${port}`,
    authorizer: bearerAuthorizer('sk-very-secret-key'),
    concurrency,
  });

async function call(client: KlingClient, signal = new AbortController().signal) {
  return await client.initSelection(
    { kind: 'url', videoUrl: 'https://x.example/a.mp4' },
    { signal },
  );
}

/** Makes `count` calls, `concurrency` at once, each starting when one has ended, like a worker. */
async function callMany(client: KlingClient, count: number, concurrency: number) {
  const results: CallResult[] = [];
  let begun = 0;
  const lane = async (): Promise<void> => {
    while (begun < count) {
      begun += 1;
      results.push(await call(client));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return results;
}

describe('a server that closes the connection after each answer', () => {
  const closingAfter = (ms: number) => (socket: Socket) => {
    socket.write(SUCCESS);
    if (ms === 0) socket.destroySoon();
    else setTimeout(() => socket.destroy(), ms);
  };

  test.each([
    [0, 1],
    [0, 5],
    [5, 1],
    [5, 5],
  ])('after %i ms costs none of 40 rows a session, with %i at once', async (ms, concurrency) => {
    await using server = await rawServer({ onRequest: closingAfter(ms) });
    await using client = clientOf(server, concurrency);
    const results = await callMany(client, 40, concurrency);
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
    expect(results).toHaveLength(40);
  });
});

describe('connection', () => {
  it('a connection that the server leaves open is reused', async () => {
    await using server = await rawServer({ onRequest: (socket) => socket.write(SUCCESS) });
    await using client = clientOf(server, 1);
    let calls = 0;
    await vi.waitFor(async () => {
      calls += 1;
      expect(await call(client)).toMatchObject({ ok: true });
      expect(server.connectionCount()).toBeLessThan(calls);
    });
  });

  it('a connection that breaks when it is reused leaves the call unconfirmed: the server may have read it', async () => {
    let isBreaking = false;
    await using server = await rawServer({
      onRequest: (socket) => void (isBreaking ? socket.destroy() : socket.write(SUCCESS)),
    });
    await using client = clientOf(server, 1);
    let calls = 0;
    await vi.waitFor(async () => {
      calls += 1;
      await call(client);
      expect(server.connectionCount()).toBeLessThan(calls);
    });
    isBreaking = true;
    expect(await call(client)).toMatchObject({ failure: { kind: 'unconfirmed', code: 'reset' } });
  });

  it('a connection leaves no listener behind on the signal of the process', async () => {
    await using server = await rawServer({ onRequest: (socket) => socket.write(SUCCESS) });
    await using client = clientOf(server, 1);
    const { signal } = new AbortController();
    for (let calls = 0; calls < 20; calls += 1) await call(client, signal);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('pool', () => {
  let nowMs = 0;
  const poolOf = (maxIdle: number) => {
    nowMs = 0;
    const destroyed: Agent[] = [];
    const open = () => {
      const agent = new Agent();
      agent.destroy = () => void destroyed.push(agent);
      return agent;
    };
    return { pool: new ConnectionPool({ open, maxIdle, now: () => nowMs }), destroyed };
  };

  it('the pool reuses a connection only after 100 ms without use', async () => {
    const { pool } = poolOf(4);
    const first = await pool.take();
    pool.giveBack(first);
    nowMs = 99;
    const second = await pool.take();
    expect(second).not.toBe(first);
    nowMs = 100;
    expect(await pool.take()).toBe(first);
    expect(await pool.take()).not.toBe(second);
  });

  it('the pool counts no time in which the process stood still and could not see who closed', async () => {
    const { pool } = poolOf(4);
    const first = await pool.take();
    pool.giveBack(first);
    nowMs = 99;
    const second = pool.take();
    nowMs = 200;
    expect(await second).not.toBe(first);
  });

  it('the pool reuses the connection that was used last', async () => {
    const { pool } = poolOf(4);
    const [first, second] = [await pool.take(), await pool.take()];
    pool.giveBack(first);
    nowMs = 10;
    pool.giveBack(second);
    nowMs = 200;
    expect([await pool.take(), await pool.take()]).toEqual([second, first]);
  });

  it('the pool reuses none whose server has just closed it', async () => {
    const { pool } = poolOf(4);
    const closing = await pool.take();
    const socket = new Socket();
    Object.assign(closing.freeSockets, { 'server:80:': [socket] });
    pool.giveBack(closing);
    nowMs = 200;
    socket.end();
    expect(await pool.take()).not.toBe(closing);
  });

  it('the pool closes what its server has closed, and reuses the connection used before it', async () => {
    const { pool, destroyed } = poolOf(4);
    const [intact, closing] = [await pool.take(), await pool.take()];
    const socket = new Socket();
    Object.assign(closing.freeSockets, { 'server:80:': [socket] });
    pool.giveBack(intact);
    pool.giveBack(closing);
    nowMs = 200;
    socket.end();
    expect(await pool.take()).toBe(intact);
    expect(destroyed).toEqual([closing]);
  });

  it('the pool has sockets looked at once for all calls of a turn, and again for a later call', async () => {
    const { pool } = poolOf(4);
    const ready: string[] = [];
    const take = async (name: string) => {
      await pool.take();
      ready.push(name);
    };
    const early = [take('first'), take('second')];
    // The look of the calls before has begun.
    await new Promise(setImmediate);
    const late = take('third');
    await Promise.all(early);
    expect(ready).toEqual(['first', 'second']);
    await late;
    expect(ready).toEqual(['first', 'second', 'third']);
  });

  it('the pool keeps no more than its limit, and accepts nothing back twice', async () => {
    const { pool, destroyed } = poolOf(1);
    const [first, second] = [await pool.take(), await pool.take()];
    pool.giveBack(first);
    pool.giveBack(first);
    expect(destroyed).toEqual([]);
    pool.giveBack(second);
    expect(destroyed).toEqual([first]);
  });

  it('the pool closes all connections, used or not, when it is disposed', async () => {
    const { pool, destroyed } = poolOf(2);
    const [first, second] = [await pool.take(), await pool.take()];
    pool.giveBack(first);
    pool[Symbol.dispose]();
    expect(new Set(destroyed)).toEqual(new Set([first, second]));
  });
});
