import { expect, test } from 'vitest';
import { urlWithoutSignature } from '../../../../../src/lib/core/manifest/signatures/url-expiry.ts';
import { isSigned, videoIdentity } from '../../../../../src/lib/core/video/video-identity.ts';

const PLAIN = 'https://h.example/v.mp4';

test.each([
  ['its signature', `${PLAIN}?Expires=1767225600&Signature=s`],
  ['its fragment', `${PLAIN}#t=1`],
  ['an empty query', `${PLAIN}?`],
  ['the case of its host', 'https://H.example/v.mp4'],
  ['the port that is usual', 'https://h.example:443/v.mp4'],
])('a video stays the same whatever is %s', (_what, url) => {
  expect(videoIdentity(url)).toBe(PLAIN);
});

test('a video stays the same in any order of its parameters', () => {
  const one = videoIdentity(`${PLAIN}?a=1&b=2&Signature=s&Expires=1767225600`);
  expect(one).toBe(`${PLAIN}?a=1&b=2`);
  expect(videoIdentity(`${PLAIN}?Expires=1767229999&b=2&Signature=t&a=1`)).toBe(one);
});

test.each([
  ['another path', 'https://h.example/w.mp4'],
  ['another case of its path', 'https://h.example/V.mp4'],
  ['another scheme', 'http://h.example/v.mp4'],
  ['a parameter that no signature has', `${PLAIN}?version=2`],
  ['two values of a name in another order', `${PLAIN}?v=2&v=1`],
])('a video is another one with %s', (_what, url) => {
  expect(videoIdentity(url)).not.toBe(PLAIN);
  expect(videoIdentity(url)).not.toBe(videoIdentity(`${PLAIN}?v=1&v=2`));
});

test.each(['v.mp4', '', 'https://', '784912345678901234'])(
  'the address %s comes back as it is',
  (text) => {
    expect(videoIdentity(text)).toBe(text);
    expect(isSigned(text)).toBe(false);
  },
);

test.each([PLAIN, `${PLAIN}?version=2`, `${PLAIN}#t=1`])('the address %s is not signed', (url) => {
  expect(isSigned(url)).toBe(false);
});

test.each([
  'https://127.1/v.mp4',
  'https://1.2.3/v.mp4',
  'https://a.0x7f/v.mp4',
  'https://a.example/./b/../v.mp4',
  'https://xn--e1afmkfd.example/v.mp4',
  'https://a.example/a.b/.hidden.mp4',
  'https://a..example/v.mp4',
  'https://a.example//v.mp4',
])('the look that spares most addresses the parser gives %s as the parser does', (url) => {
  const parsed = URL.canParse(url) ? new URL(url).href : url;
  expect(urlWithoutSignature(url)).toBe(parsed);
});
