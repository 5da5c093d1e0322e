import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  type Received,
  receiveBody,
  receiveUpload,
} from '../../../../src/dashboard/uploads/receive-upload.ts';

/** More than any buffer on the way holds. */
const CONTENT = 'x'.repeat(5_000_000);
const NOWHERE = { path: '/nowhere/manifest', maxBytes: 10_000_000 };

type Receive = (incoming: IncomingMessage) => Promise<Received>;

/** Returns the result of receiving the first request. */
async function listen(receive: Receive): Promise<{ url: string; result: Promise<unknown> }> {
  const server = createServer();
  const result = once(server, 'request').then(async ([incoming, response]) => {
    const received = await receive(incoming).catch((error: unknown) => error);
    response.end();
    return received;
  });
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, result };
}

/** Who still sends may see a broken connection instead of the answer. */
const send = (url: string, body: FormData | string): Promise<unknown> =>
  fetch(url, { method: 'POST', body }).catch(() => undefined);

test('a form whose file cannot be written ends at once', async () => {
  const form = new FormData();
  form.set('_csrf', 'token');
  form.set('file', new Blob([CONTENT]), 'night.csv');
  const server = await listen((incoming) =>
    receiveUpload(incoming, { ...NOWHERE, isProof: () => true }),
  );
  await send(server.url, form);
  expect(await server.result).toMatchObject({ code: 'ENOENT' });
});

test('a file that cannot be written ends at once', async () => {
  const server = await listen((incoming) =>
    receiveBody(incoming, { ...NOWHERE, fileName: 'night.csv' }),
  );
  await send(server.url, CONTENT);
  expect(await server.result).toMatchObject({ code: 'ENOENT' });
});

test('a file whose sender disconnects is broken', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'receive-upload-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'manifest');
  const server = await listen((incoming) =>
    receiveBody(incoming, { path, maxBytes: 10_000_000, fileName: 'night.csv' }),
  );
  const sender = request(server.url, { method: 'POST', headers: { 'content-length': '9000' } });
  sender.on('error', () => undefined);
  sender.write('video_url\n', () => sender.destroy());
  expect(await server.result).toEqual({ kind: 'broken' });
});
