import { expect, it } from 'vitest';
import { createClient } from '../../../src/client/main.ts';
import { openLab } from '../dashboard/api/api-lab.ts';

const BATCH = { params: { path: { id: 'batch-1' } } };

it('the client reads and changes batches, with types of the server', async () => {
  const lab = await openLab();
  const api = createClient({ baseUrl: lab.url });
  const batch = await api.GET('/api/v1/batches/{id}', BATCH);
  const paused = await api.POST('/api/v1/batches/{id}/pause', {
    ...BATCH,
    body: { reason: 'x' },
  });
  const bare = await api.POST('/api/v1/batches/{id}/resume', BATCH);
  const none = await api.GET('/api/v1/batches/{id}', { params: { path: { id: 'none' } } });

  expect(batch.data?.batch).toMatchObject({ id: 'batch-1', rows: 700 });
  expect(paused.data).toMatchObject({ state: 'paused' });
  expect(bare.data).toMatchObject({ state: 'running' });
  expect(none.error).toMatchObject({ error: { code: 'not_found' } });
});

it('the client sends the token and a key with each change, and the key that it is given', async () => {
  const lab = await openLab();
  const created = await lab.tokens.create({
    name: 'ci',
    scope: 'operate',
    createdAtMs: Date.now(),
    createdBy: 'anna',
    expiresAtMs: null,
    perMinute: 100,
  });
  if (created.kind !== 'created') throw new Error(created.kind);
  const sent: Request[] = [];
  const api = createClient({
    baseUrl: lab.url,
    token: created.text,
    fetch: async (request) => {
      sent.push(request);
      return await fetch(request);
    },
  });
  const retry = { ...BATCH, body: { codes: ['http_404'] }, headers: { 'Idempotency-Key': 'mine' } };
  const first = await api.POST('/api/v1/batches/{id}/retry', retry);
  const again = await api.POST('/api/v1/batches/{id}/retry', retry);
  await api.POST('/api/v1/batches/{id}/pause', BATCH);
  const history = await lab.bench.steering.readHistory('batch-1');

  expect(again.data).toEqual(first.data);
  expect(again.response.headers.get('idempotency-replayed')).toBe('true');
  expect(sent[2]?.headers.get('idempotency-key')).toMatch(/^[\w-]{36}$/);
  expect(history.map(({ who }) => who)).toEqual(['token ci', 'token ci']);
});

it.each([
  ['a blob', (text: string) => new Blob([text])],
  ['a buffer', (text: string) => Buffer.from(text)],
  ['a stream', (text: string) => new Blob([text]).stream()],
])(
  'the client imports a manifest that is %s, and needs no option to be named',
  async (_, bodyOf) => {
    const lab = await openLab();
    const api = createClient({ baseUrl: lab.url });
    const sent = await api.POST('/api/v1/uploads', {
      params: { query: { name: 'night.csv' } },
      body: bodyOf('video_url\nhttps://cdn.example.com/a.mp4\n'),
      duplex: 'half',
    });
    const path = { upload: sent.data?.id ?? '' };
    const started = await api.POST('/api/v1/uploads/{upload}/start', {
      params: { path },
      body: { tag: ['spring'] },
    });
    const listed = await api.GET('/api/v1/batches', { params: { query: { tag: 'spring' } } });

    expect(sent.data?.examined).toMatchObject({ kind: 'understood', rows: 1 });
    expect(listed.data?.batches).toMatchObject([{ id: started.data?.batchId, name: 'night' }]);
    expect(listed.data?.next).toBeNull();
  },
);
