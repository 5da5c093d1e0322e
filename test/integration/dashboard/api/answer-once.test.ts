import { expect, it } from 'vitest';
import { openLab } from './api-lab.ts';

const PAUSE = '/api/v1/batches/batch-1/pause';
const RETRY = '/api/v1/batches/batch-1/retry';

const keyed = (key: string): Record<string, string> => ({ 'idempotency-key': key });
const codeOf = async (response: Response): Promise<[number, string]> => [
  response.status,
  ((await response.json()) as { error: { code: string } }).error.code,
];

it('the API carries out a change once, however often it is sent', async () => {
  const lab = await openLab();
  const first = await lab.ask(RETRY, 'POST', { codes: ['http_404'] }, keyed('a'));
  const again = await lab.ask(RETRY, 'POST', { codes: ['http_404'] }, keyed('a'));
  const other = await lab.ask(RETRY, 'POST', { codes: ['http_404'] }, keyed('b'));
  const answers = await Promise.all([first, again, other].map((one) => one.json()));

  expect([first, again, other].map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(answers[0]).toMatchObject({ rows: 1 });
  expect(answers[1]).toEqual(answers[0]);
  expect(answers[2]).toMatchObject({ rows: 0 });
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect(first.headers.get('idempotency-replayed')).toBeNull();
});

it('the API refuses a key of another request, and one that cannot be used', async () => {
  const lab = await openLab();
  await lab.ask(PAUSE, 'POST', { reason: 'one' }, keyed('a'));
  const body = await lab.ask(PAUSE, 'POST', { reason: 'two' }, keyed('a'));
  const path = await lab.ask('/api/v1/batches/batch-1/resume', 'POST', {}, keyed('a'));
  const long = await lab.ask(PAUSE, 'POST', {}, keyed('x'.repeat(201)));

  expect(await codeOf(body)).toEqual([422, 'key_of_other_request']);
  expect(await codeOf(path)).toEqual([422, 'key_of_other_request']);
  expect(await codeOf(long)).toEqual([400, 'unusable']);
  expect((await lab.bench.store.readBatch('batch-1'))?.stateReason).toBe('one');
});

it('the API keeps no refusal, so that the key can be sent again', async () => {
  const lab = await openLab();
  const refused = await lab.ask(RETRY, 'POST', { statuses: ['invalid'] }, keyed('a'));
  const changed = await lab.ask(RETRY, 'POST', { statuses: ['failed'] }, keyed('a'));

  expect([refused.status, changed.status]).toEqual([400, 200]);
});

it('a second request is answered with 409 while the first one with the key is under way', async () => {
  const lab = await openLab();
  const request = `POST\0${PAUSE}\0{}`;
  const begun = await lab.idempotency.begin('anna', 'a', request);
  const second = await lab.ask(PAUSE, 'POST', {}, keyed('a'));
  const others = await lab.idempotency.begin('token ci', 'a', request);

  expect(begun.kind).toBe('first');
  expect(await codeOf(second)).toEqual([409, 'key_under_way']);
  expect(others.kind).toBe('first');
});

it('the API carries out one of many requests at once', async () => {
  const lab = await openLab();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => lab.ask(RETRY, 'POST', { rows: [2] }, keyed('a'))),
  );
  const bodies = await Promise.all(answers.map((answer) => answer.json()));
  const done = bodies.filter((body) => !('error' in (body as object)));

  expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
  expect(done.length).toBeGreaterThan(0);
  for (const body of done) expect(body).toMatchObject({ rows: 1 });
});

it('the API knows a file by its bytes, and answers another of the same length with a refusal', async () => {
  const lab = await openLab();
  const manifest = (name: string): string => `video_url\nhttps://cdn.example.com/${name}.mp4\n`;
  const send = (body: string, key: string): Promise<Response> =>
    fetch(new URL('/api/v1/uploads?name=night.csv', lab.url), {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', ...keyed(key) },
      body,
    });
  const first = await send(manifest('a'), 'a');
  const again = await send(manifest('a'), 'a');
  const other = await send(manifest('b'), 'a');
  const empty = await send('', 'a');

  expect([first.status, again.status]).toEqual([200, 200]);
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect(await again.json()).toEqual(await first.json());
  expect(await codeOf(other)).toEqual([422, 'key_of_other_request']);
  expect(await codeOf(empty)).toEqual([422, 'key_of_other_request']);
  expect((await send(manifest('b'), 'b')).status).toBe(200);
});
