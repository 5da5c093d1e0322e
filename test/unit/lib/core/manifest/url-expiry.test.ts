import { expect, test } from 'vitest';
import { expiresAtOfUrl } from '../../../../../src/lib/core/manifest/url-expiry.ts';

const policy = (json: string) =>
  Buffer.from(json)
    .toString('base64')
    .replaceAll('+', '-')
    .replaceAll('=', '_')
    .replaceAll('/', '~');
const CUSTOM = policy(
  '{"Statement":[{"Condition":{"DateLessThan":{"AWS:EpochTime":1767225600}}}]}',
);

test.each([
  ['no signature', '', null],
  [
    'AWS 4',
    'X-Amz-Date=20260101T000000Z&X-Amz-Expires=3600&X-Amz-Signature=s',
    '2026-01-01T01:00:00.000Z',
  ],
  [
    'AWS 4 in lower case',
    'x-amz-date=20260101T000000Z&x-amz-expires=60',
    '2026-01-01T00:01:00.000Z',
  ],
  ['AWS 4 without a lifetime', 'X-Amz-Date=20260101T000000Z', null],
  ['AWS 4 with a broken date', 'X-Amz-Date=yesterday&X-Amz-Expires=60', null],
  ['AWS 2', 'AWSAccessKeyId=k&Expires=1767225600&Signature=s', '2026-01-01T00:00:00.000Z'],
  [
    'Google V4',
    'X-Goog-Date=20260101T000000Z&X-Goog-Expires=604800&X-Goog-Signature=s',
    '2026-01-08T00:00:00.000Z',
  ],
  ['Google V2', 'GoogleAccessId=a&Expires=1767225600&Signature=s', '2026-01-01T00:00:00.000Z'],
  [
    'Azure',
    'sv=2024-11-04&se=2026-01-01T00%3A00%3A00Z&sr=b&sp=r&sig=s',
    '2026-01-01T00:00:00.000Z',
  ],
  ['Azure to the minute', 'se=2026-01-01T00:30Z&sig=s', '2026-01-01T00:30:00.000Z'],
  ['Azure to the day', 'se=2026-01-01&sig=s', '2026-01-01T00:00:00.000Z'],
  ['Azure without a signature', 'se=2026-01-01', null],
  [
    'CloudFront, canned policy',
    'Expires=1767225600&Signature=s&Key-Pair-Id=k',
    '2026-01-01T00:00:00.000Z',
  ],
  [
    'CloudFront, custom policy',
    `Policy=${CUSTOM}&Signature=s&Key-Pair-Id=k`,
    '2026-01-01T00:00:00.000Z',
  ],
  ['a custom policy that is none', 'Policy=%%%&Signature=s&Key-Pair-Id=k', null],
  ['a name that only looks like it', 'expires=1767225600', null],
  ['an end that is no time', 'Expires=soon&Signature=s', null],
])('%s', (_sentence, query, expected) => {
  const ms = expiresAtOfUrl(`https://h.example/v.mp4?${query}`);
  expect(ms === null ? null : new Date(ms).toISOString()).toBe(expected);
});

test('what is no URL has no end', () => {
  expect(expiresAtOfUrl('v.mp4?Expires=1767225600&Signature=s')).toBeNull();
});
