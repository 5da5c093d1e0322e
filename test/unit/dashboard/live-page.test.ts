import { Hono } from 'hono';
import { html } from 'hono/html';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { DashboardEnv } from '../../../src/dashboard/dashboard-env.ts';
import { LiveHub } from '../../../src/dashboard/live/live-hub.ts';
import { livePage } from '../../../src/dashboard/live/live-page.ts';
import { Outbox } from '../../../src/dashboard/live/outbox.ts';
import { StreamLimit } from '../../../src/dashboard/live/stream-limit.ts';
import { textUpTo } from '../../../src/dashboard/parameters.ts';

/** A page that knows the parameter `q`, and how often it was read. */
function livingPage(most = { ofOneLogin: 3, ofAll: 5 }) {
  const hub = new LiveHub(60_000, new StreamLimit(most));
  onTestFinished(() => hub[Symbol.dispose]());
  const seen: string[] = [];
  const app = new Hono<DashboardEnv>();
  app.use(async (context, next) => {
    context.set('user', { name: context.req.header('x-name') ?? 'anna', role: 'viewer' });
    await next();
  });
  const routes = livePage<string>(hub, {
    path: '/things',
    filters: { q: textUpTo(100) },
    title: () => 'Things',
    read: async ({ query }) => {
      seen.push(`${query('q')}${query('made-up')}`);
      return query('q');
    },
    parts: (facts) => ({ list: html`${facts}` }),
    frame: (part) => part('list'),
  });
  for (const { path, handle } of routes) app.get(path, async (context) => await handle(context));
  const open = async (search: string, name = 'anna') => {
    const response = await app.request(`/live/things${search}`, { headers: { 'x-name': name } });
    const reader = response.body?.getReader();
    const close = async (): Promise<void> => await reader?.cancel();
    onTestFinished(close);
    if (response.status === 200) await reader?.read();
    return { status: response.status, close };
  };
  return { open, seen };
}

describe('event streams', () => {
  test('event streams are the same if they differ only in parameters that the page does not know', async () => {
    const { open, seen } = livingPage();
    for (const search of ['?q=x', '?q=x&made-up=1', '?made-up=2&q=x']) await open(search);
    expect(seen).toEqual(['x']);
  });

  test('event streams are limited for each log-in, and a closed one frees its place', async () => {
    const { open } = livingPage();
    const opened = [await open('?q=1'), await open('?q=2'), await open('?q=3')];
    expect(opened.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await open('?q=4')).status).toBe(429);
    expect((await open('?q=4', 'olga')).status).toBe(200);
    await opened[0]?.close();
    expect((await open('?q=4')).status).toBe(200);
  });

  test('event streams are limited for all log-ins together', async () => {
    const { open } = livingPage();
    for (const name of ['a', 'b', 'c', 'd', 'e']) expect((await open('', name)).status).toBe(200);
    expect((await open('', 'f')).status).toBe(429);
  });

  test('event streams of many different pages are read a few at a time', async () => {
    const hub = new LiveHub(60_000);
    onTestFinished(() => hub[Symbol.dispose]());
    let reading = 0;
    let most = 0;
    const all = Array.from({ length: 20 }, async (_, index) => {
      const { promise, listener } = firstParts();
      const read = async () => {
        reading += 1;
        most = Math.max(most, reading);
        await new Promise((resolve) => setImmediate(resolve));
        reading -= 1;
        return { list: 'x' };
      };
      onTestFinished(hub.watch(`page ${index}`, read, listener));
      await promise;
    });
    await Promise.all(all);
    expect(most).toBe(4);
  });
});

function firstParts() {
  let onParts = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    onParts = resolve;
  });
  return { promise, listener: { onParts: () => onParts(), onTrouble: () => undefined } };
}

test('a page that reads slowly gets the latest of each part, and nothing piles up for it', async () => {
  const sent: string[] = [];
  let taken = (): void => undefined;
  const outbox = new Outbox((_event, data) => {
    sent.push(data);
    return new Promise<void>((resolve) => {
      taken = resolve;
    });
  });
  for (let round = 0; round < 100; round += 1) {
    outbox.onParts({ counts: `${round}`, ...(round === 50 && { state: 'paused' }) });
  }
  taken();
  await new Promise((resolve) => setImmediate(resolve));
  expect(sent).toEqual(['{"counts":"0"}', '{"counts":"99","state":"paused"}']);
});
