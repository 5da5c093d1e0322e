import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  expiresAtOfUrl,
  urlWithoutSignature,
} from '../../../../../../src/lib/core/manifest/signatures/url-expiry.ts';

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
  ['Huawei OBS', 'AccessKeyId=k&Expires=1767225600&Signature=s', '2026-01-01T00:00:00.000Z'],
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
  ['an unreadable custom policy', 'Policy=%%%&Signature=s&Key-Pair-Id=k', null],
  [
    'a delegated Azure key that ends before what it signed',
    'se=2026-01-02T00:00:00Z&ske=2026-01-01T00:00:00Z&sig=s',
    '2026-01-01T00:00:00.000Z',
  ],
  [
    'Tencent COS, whose key ends before the signature',
    'q-sign-time=1767000000;1767229200&q-key-time=1767000000;1767225600&q-signature=s',
    '2026-01-01T00:00:00.000Z',
  ],
  [
    'Tencent COS, packed into one parameter',
    'sign=q-sign-algorithm%3Dsha1%26q-sign-time%3D1767000000%3B1767225600%26q-key-time%3D1767000000%3B1767225600%26q-signature%3Ds',
    '2026-01-01T00:00:00.000Z',
  ],
  [
    'two signatures, of which the earlier end counts',
    'X-Amz-Date=20260101T000000Z&X-Amz-Expires=7200&Expires=1767225600&Signature=s',
    '2026-01-01T00:00:00.000Z',
  ],
  ['Alibaba CDN, type A: the time of signing', `auth_key=1767225600-0-0-${'ab'.repeat(16)}`, null],
  ['Alibaba CDN, type F: the time of signing', `sign=${'ab'.repeat(16)}&time=1767225600`, null],
  ['Tencent CDN: the time of signing', `sign=${'ab'.repeat(16)}&t=1767225600`, null],
  [
    'Tencent VOD: the end, in hexadecimal digits',
    `t=6955b900&exper=0&rlimit=3&us=72d4cd1101&sign=${'ab'.repeat(16)}`,
    '2026-01-01T00:00:00.000Z',
  ],
  ['Huawei CDN: the time of signing', `auth_info=x&timestamp=1767225600`, null],
  ['a token that is not a JWT', 'token=abc.def.ghi&exp=1767225600', null],
  ['a JWT without an end', 'token=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln', null],
  ['a JWT that holds null', 'token=eyJhbGciOiJIUzI1NiJ9.bnVsbA.c2ln', null],
  ['an `e` without a token of Qiniu', 'e=1767225600&token=x', null],
  ['an `s` that is not a signature', 'expires=1767225600&s=large', null],
  ['tildes without a signature', 'hdnts=exp=1767225600~acl=/*', null],
  ['`ex` without `hm`', 'ex=6955b900&is=6955b900', null],
  ['`oe` that is no number', 'oh=00_A&oe=zzzzzzzz', null],
  ['a name that only looks like it', 'expires=1767225600', null],
  ['an end that is not a time', 'Expires=soon&Signature=s', null],
])('%s', (_sentence, query, expected) => {
  const ms = expiresAtOfUrl(`https://h.example/v.mp4?${query}`);
  expect(ms === null ? null : new Date(ms).toISOString()).toBe(expected);
});

test('text that is not a URL has no end', () => {
  expect(expiresAtOfUrl('v.mp4?Expires=1767225600&Signature=s')).toBeNull();
});

test.each([
  ['no signature', 'https://h.example/v.mp4?b=2&a=1', 'https://h.example/v.mp4?b=2&a=1'],
  ['a fragment', 'https://h.example/v.mp4#t=1', 'https://h.example/v.mp4'],
  [
    'parameters of the video beside a signature, as they are written',
    'https://h.example/v.mp4?part=1%202&Expires=1767225600&x=%7e&Signature=s',
    'https://h.example/v.mp4?part=1%202&x=%7e',
  ],
  [
    'a token that may be the only difference between videos',
    'https://h.example/download?token=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln',
    'https://h.example/download?token=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln',
  ],
  [
    'Alibaba CDN, type A',
    `https://h.example/v.mp4?auth_key=1767225600-0-0-${'ab'.repeat(16)}`,
    'https://h.example/v.mp4',
  ],
  [
    'Alibaba CDN, type F',
    `https://h.example/v.mp4?sign=${'ab'.repeat(16)}&time=1767225600`,
    'https://h.example/v.mp4',
  ],
  [
    'Tencent CDN, type A',
    `https://h.example/v.mp4?part=2&sign=1767225600-r4nd0m-0-${'ab'.repeat(16)}`,
    'https://h.example/v.mp4?part=2',
  ],
  [
    'Tencent CDN, type D',
    `https://h.example/v.mp4?sign=${'ab'.repeat(16)}&t=1767225600`,
    'https://h.example/v.mp4',
  ],
  [
    'EdgeOne, type D with hexadecimal digits',
    `https://h.example/v.mp4?token=${'ab'.repeat(16)}&t=6955b900`,
    'https://h.example/v.mp4',
  ],
  [
    'Tencent VOD, of which only a part may be seen',
    `https://h.example/v.mp4?t=6955b900&exper=30&us=72d4cd1101&sign=${'ab'.repeat(16)}`,
    'https://h.example/v.mp4?exper=30',
  ],
  [
    'a hash that is not beside a time',
    `https://h.example/v.mp4?sign=${'ab'.repeat(16)}&t=12`,
    `https://h.example/v.mp4?sign=${'ab'.repeat(16)}&t=12`,
  ],
  ['no URL', 'v.mp4?Expires=1&Signature=s', 'v.mp4?Expires=1&Signature=s'],
])('the identity of an address with %s', (_sentence, url, expected) => {
  expect(urlWithoutSignature(url)).toBe(expected);
});

const letters = fc.string({
  unit: fc.constantFrom(..."aA9zZ-_.~%2eE0+&=/;:@!$'()*,{}|^`\\[]é "),
  maxLength: 24,
});

test('an address parsed without URL equals what URL makes of it', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^(?:[a-zA-Z0-9-]{1,5}\.){1,3}[a-zA-Z0-9]{1,4}$/),
      letters,
      letters,
      (host, path, query) => {
        const url = `https://${host}/${path}?q${query}`;
        if (!URL.canParse(url)) return;
        const parsed = new URL(url);
        parsed.hash = '';
        expect(urlWithoutSignature(url)).toBe(parsed.href);
      },
    ),
    { numRuns: 2_000 },
  );
});

/** Of signers that are known by names, of others, and of videos. */
const NAMES = [
  ...['X-Amz-Date', 'x-amz-expires', 'X-Amz-Signature', 'x-goog-date', 'X-Goog-Expires', 'policy'],
  ...['Expires', 'Signature', 'key-pair-id', 'se', 'sig', 'sv', 'x-expires', 'x-signature'],
  ...[
    'token',
    'e',
    's',
    'hm',
    'ex',
    'oh',
    'oe',
    'auth_key',
    'q-signature',
    'id',
    'part',
    '',
    'a.b',
  ],
];
const VALUES = [
  '',
  '1',
  'AWS4-HMAC-SHA256',
  '20260101T000000Z',
  '3600',
  '1767225600',
  'a:b=',
  '%7e',
];
const MORE = ['ab'.repeat(20), 'ab'.repeat(32), `exp=1~hmac=${'ab'.repeat(16)}`, '0a0b0c0d'];

test('an address whose signer is known by names is read as one that is taken apart', () => {
  const pair = fc.tuple(
    fc.constantFrom(...NAMES),
    fc.constantFrom('=', ''),
    fc.constantFrom(...VALUES, ...MORE),
  );
  const emptyBetween: [string, string, string][] = [
    ['Expires', '=', ''],
    ['', '', ''],
    ['Signature', '=', ''],
  ];
  fc.assert(
    fc.property(fc.array(pair, { minLength: 1, maxLength: 6 }), (pairs) => {
      const url = `https://h.example/v.mp4?${pairs.map((parts) => parts.join('')).join('&')}`;
      // With a fragment it is taken apart.
      expect(urlWithoutSignature(url)).toBe(urlWithoutSignature(`${url}#`));
    }),
    { numRuns: 3_000, examples: [[emptyBetween]] },
  );
});
