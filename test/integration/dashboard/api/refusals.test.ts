import { expect, it } from 'vitest';
import { NIGHTLY, openLab } from './api-lab.ts';

it.each<[what: string, method: string, path: string, body: unknown, status: number, words: RegExp]>(
  [
    ['no such batch', 'GET', '/batches/none', undefined, 404, /no such batch/],
    ['no such row', 'GET', '/batches/batch-1/rows/701', undefined, 404, /no such row/],
    ['a row that is not a number', 'GET', '/batches/batch-1/rows/x', undefined, 404, /no such row/],
    ['no such path', 'GET', '/elsewhere', undefined, 404, /There is no/],
    ['an unknown state', 'GET', '/batches?state=odd', undefined, 400, /state/],
    [
      'a status that there is not',
      'GET',
      '/batches/batch-1/rows?status=odd',
      undefined,
      400,
      /status/,
    ],
    [
      'a limit beyond the greatest',
      'GET',
      '/batches/batch-1/rows?limit=201',
      undefined,
      400,
      /limit/,
    ],
    [
      'a priority beyond the greatest',
      'PUT',
      '/batches/batch-1/priority',
      { priority: 101 },
      400,
      /priority/,
    ],
    [
      'no session at all',
      'PUT',
      '/batches/batch-1/max-sessions',
      { maxSessions: 0 },
      400,
      /maxSessions.*from 1/,
    ],
    [
      'a retry of what stays as it is',
      'POST',
      '/batches/batch-1/retry',
      { statuses: ['invalid'] },
      400,
      /statuses/,
    ],
    [
      'a schedule without a manifest',
      'PUT',
      '/schedules/nightly',
      { cron: '0 2 * * *' },
      400,
      /manifest/,
    ],
    [
      'a time that clocks never show',
      'PUT',
      '/schedules/nightly',
      { ...NIGHTLY, finishBy: '24:00' },
      400,
      /finishBy: Use a time of day from 00:00 to 23:59, such as 06:00\.$/,
    ],
    [
      'a path that means nothing elsewhere',
      'PUT',
      '/schedules/nightly',
      { ...NIGHTLY, manifest: 'clips.csv' },
      400,
      /an absolute path/,
    ],
    ['an unknown option', 'PUT', '/schedules/nightly', { ...NIGHTLY, crom: 1 }, 400, /crom/],
    [
      'an unknown field of an act',
      'POST',
      '/batches/batch-1/retry',
      { code: ['http_404'] },
      400,
      /"code" is not known here/,
    ],
    ['an unknown limit', 'PUT', '/limits', { rate: 5 }, 400, /"rate" is not known here/],
    ['a name that cannot be', 'PUT', '/schedules/Nightly', NIGHTLY, 400, /lower-case/],
    ['a run of no schedule', 'POST', '/schedules/none/run', {}, 404, /no such schedule/],
    [
      'a change that might be a form of another page',
      'POST',
      '/schedules/none/run',
      undefined,
      403,
      /Send the header `Content-Type: application\/json`/,
    ],
    ['a body that is not an object', 'POST', '/batches/batch-1/pause', 'pause', 400, /body/],
    ['a resumption of what runs', 'POST', '/batches/batch-1/resume', {}, 409, /nothing to resume/],
  ],
)('the API refuses %s with one sentence', async (_, method, path, body, status, words) => {
  const lab = await openLab();
  const response = await lab.ask(`/api/v1${path}`, method, body);
  expect(response.status).toBe(status);
  expect(await response.json()).toEqual({
    error: { code: expect.any(String), message: expect.stringMatching(words) },
  });
});

it('the API accepts a change without a body, and refuses a body that is too large or of unknown length', async () => {
  const lab = await openLab();
  const pause = '/api/v1/batches/batch-1/pause';
  const bare = await lab.send(pause, { 'content-length': '0' }, '');
  expect([bare.status, JSON.parse(bare.text)]).toEqual([200, { state: 'paused' }]);
  expect((await lab.send(pause, {}, '')).status).toBe(409);
  expect((await lab.send(pause, { 'transfer-encoding': 'chunked' }, '{}')).status).toBe(411);
  expect((await lab.ask(pause, 'POST', { reason: 'x'.repeat(300_000) })).status).toBe(413);
});
