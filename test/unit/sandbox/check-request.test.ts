import { expect, test } from 'vitest';
import {
  checkAuthorization,
  checkRequest,
  parseFields,
} from '../../../src/sandbox/check-request.ts';

const URL_SOURCE = 'https://cdn.example.com/clip.mp4';
const ID = '784912345678901234';

test.each<[sentence: string, body: string, refusal: string]>([
  ['nothing', '', 'the body must be a JSON object'],
  ['broken JSON', '{"video_url":', 'the body must be a JSON object'],
  ['a list', '[]', 'the body must be a JSON object'],
  ['neither source', '{}', 'either video_url, or video_id and task_id, is required'],
  ['a null source', '{"video_url":null}', 'video_url must be a string'],
  [
    'a URL and a pair',
    JSON.stringify({ video_url: URL_SOURCE, video_id: ID, task_id: ID }),
    'video_url and video_id/task_id exclude each other',
  ],
  [
    'a URL and a task',
    JSON.stringify({ video_url: URL_SOURCE, task_id: ID }),
    'video_url and video_id/task_id exclude each other',
  ],
  ['video_id alone', JSON.stringify({ video_id: ID }), 'video_id needs task_id'],
  ['task_id alone', JSON.stringify({ task_id: ID }), 'task_id needs video_id'],
  [
    'an empty string',
    JSON.stringify({ video_url: URL_SOURCE, task_id: '' }),
    'task_id must not be empty; leave it out instead',
  ],
  [
    'an id as a number',
    '{"video_id":784912345678901234,"task_id":"784912345678905678"}',
    'video_id must be a string',
  ],
  [
    'a spreadsheet id',
    JSON.stringify({ video_id: '7.84912E+17', task_id: ID }),
    'video_id must consist of digits',
  ],
  [
    'a task id with letters',
    JSON.stringify({ video_id: ID, task_id: 'task-1' }),
    'task_id must consist of digits',
  ],
  [
    'a file address',
    '{"video_url":"file:///etc/passwd"}',
    'video_url must be an http or https address',
  ],
  ['no address at all', '{"video_url":"clip.mp4"}', 'video_url must be an http or https address'],
])('%s is refused', (_sentence, body, message) => {
  expect(checkRequest('application/json', parseFields(body))).toEqual({
    ok: false,
    refusal: { kind: 'malformed', message },
  });
});

test('a URL is a source', () => {
  const fields = { video_url: URL_SOURCE };
  expect(checkRequest('application/json; charset=utf-8', fields)).toEqual({
    ok: true,
    source: { kind: 'url', videoUrl: URL_SOURCE },
  });
});

test('a pair of ids is a source', () => {
  expect(checkRequest('application/json', { video_id: ID, task_id: '1' })).toEqual({
    ok: true,
    source: { kind: 'kling', videoId: ID, taskId: '1' },
  });
});

test.each([undefined, 'text/plain', 'application/jsonp'])(
  'the Content-Type %s is refused',
  (type) => {
    expect(checkRequest(type, { video_url: URL_SOURCE })).toMatchObject({ ok: false });
  },
);

test.each([
  [undefined, { kind: 'authorization_missing' }],
  [' ', { kind: 'authorization_missing' }],
  ['Bearer other', { kind: 'authorization_wrong' }],
  ['Basic secret', { kind: 'authorization_wrong' }],
  ['secret', { kind: 'authorization_wrong' }],
  ['Bearer secret', null],
  ['bearer secret', null],
])('the header Authorization "%s" means %j', (header, refusal) => {
  expect(checkAuthorization(header, 'secret')).toEqual(refusal);
});
