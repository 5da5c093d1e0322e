import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../../src/sandbox/start-sandbox.ts';

let sandbox: Sandbox;
let file: Buffer;

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
  file = await readFile(new URL('../../../examples/videos/good.mp4', import.meta.url));
});

afterAll(() => sandbox.close());

function get(path: string, headers: Record<string, string> = {}, method = 'GET') {
  return fetch(`${sandbox.url}/videos/${path}`, { headers, method, redirect: 'manual' });
}

async function bytesOf(response: Response) {
  return Buffer.from(await response.arrayBuffer());
}

async function digest(response: Response) {
  return createHash('sha256')
    .update(await bytesOf(response))
    .digest('hex');
}

test('a video is served whole, with its length, type and ETag', async () => {
  const response = await get('good.mp4?row=7');
  expect(response.status).toBe(200);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-length': String(file.length),
    'content-type': 'video/mp4',
    'accept-ranges': 'bytes',
    etag: expect.stringMatching(/^".+"$/),
  });
  expect(await digest(response)).toBe(createHash('sha256').update(file).digest('hex'));
});

test('a range is served as HTTP 206 with exactly those bytes', async () => {
  const response = await get('good.mp4', { range: 'bytes=4-7' });
  expect(response.status).toBe(206);
  expect(response.headers.get('content-range')).toBe(`bytes 4-7/${file.length}`);
  expect(await response.text()).toBe('ftyp');
});

test('a range beyond the end is HTTP 416 with the length', async () => {
  const response = await get('good.mp4', { range: `bytes=${file.length}-` });
  expect(response.status).toBe(416);
  expect(response.headers.get('content-range')).toBe(`bytes */${file.length}`);
});

test('a HEAD has the headers and no body', async () => {
  const response = await get('good.mp4', {}, 'HEAD');
  expect(response.headers.get('content-length')).toBe(String(file.length));
  expect(await response.text()).toBe('');
});

test('an ETag saves the second transfer', async () => {
  const etag = (await get('good.mp4', {}, 'HEAD')).headers.get('etag') ?? '';
  expect((await get('good.mp4', { 'if-none-match': etag })).status).toBe(304);
  expect((await get('good.mp4', { 'if-none-match': '"other"' })).status).toBe(200);
});

test('an If-Range serves the part if the file is the same, else the whole', async () => {
  const etag = (await get('good.mp4', {}, 'HEAD')).headers.get('etag') ?? '';
  const statusIf = async (condition: string) =>
    (await get('good.mp4', { range: 'bytes=0-3', 'if-range': condition })).status;
  expect([await statusIf(etag), await statusIf('"other"')]).toEqual([206, 200]);
});

test.each<[path: string, status: number, headers: object]>([
  ['missing.mp4', 404, { 'content-type': expect.stringMatching(/text\/plain/) }],
  ['access-denied.mp4', 200, { 'content-type': expect.stringMatching(/text\/html/) }],
  ['forbidden.mp4', 403, { 'content-type': 'application/xml' }],
  ['redirect/good.mp4', 302, { location: '/videos/good.mp4' }],
  ['constructor', 404, {}],
  ['..%2Fvideos.csv', 404, {}],
  ['..%2F..%2Fpackage.json', 404, {}],
  ['%00', 404, {}],
])('%s is HTTP %d', async (path, status, headers) => {
  const response = await get(path);
  expect(response.status).toBe(status);
  expect(Object.fromEntries(response.headers)).toMatchObject(headers);
  await response.body?.cancel();
});

test('the page instead of a video is titled "Access denied"', async () => {
  expect(await (await get('access-denied.mp4')).text()).toContain('<title>Access denied</title>');
});

test('a host without ranges sends the whole file', async () => {
  const response = await get('no-ranges/good.mp4', { range: 'bytes=0-3' });
  expect([response.status, response.headers.get('accept-ranges')]).toEqual([200, 'none']);
  expect((await bytesOf(response)).length).toBe(file.length);
});

test('a host without lengths sends chunks', async () => {
  const response = await get('no-length/good.mp4', { range: 'bytes=0-3' });
  expect(response.headers.get('content-length')).toBeNull();
  expect((await bytesOf(response)).length).toBe(file.length);
});

test('a slow host delays every answer', async () => {
  const startedAt = performance.now();
  await (await get('slow/120/good.mp4', {}, 'HEAD')).text();
  expect(performance.now() - startedAt).toBeGreaterThan(110);
});

test('a reader that disconnects early disturbs no other', async () => {
  const response = await get('too-long.mp4');
  await response.body?.cancel();
  expect((await get('good.mp4')).status).toBe(200);
});
