import { expect, test } from 'vitest';
import { redactUrl, redactUrls } from '../../../../src/lib/core/redact-url.ts';

test.each([
  ['https://h.example/v.mp4', 'https://h.example/v.mp4'],
  ['https://h.example/v.mp4?X-Amz-Signature=s3cr3t', 'https://h.example/v.mp4?…'],
  ['https://h.example/v.mp4#s3cr3t', 'https://h.example/v.mp4'],
  ['https://h.example/v.mp4?a=1#s3cr3t?b', 'https://h.example/v.mp4?…'],
  ['https://user:s3cr3t@h.example/v.mp4', 'https://h.example/v.mp4'],
  ['HTTPS://user:p@s3cr3t@h.example:81/v.mp4', 'HTTPS://h.example:81/v.mp4'],
  ['//user:s3cr3t@h.example/v.mp4', '//h.example/v.mp4'],
  ['https://h.example/a@b.mp4', 'https://h.example/a@b.mp4'],
  ['no url at all?s3cr3t', 'no url at all?…'],
  ['', ''],
])('the address %s is shown as %s', (url, shown) => {
  expect(redactUrl(url)).toBe(shown);
});

test('URLs within a text are shown without their secrets', () => {
  const text = 'from https://u:p@a.example/x?sig=1 to "http://b.example/y?sig=2", done?';
  expect(redactUrls(text)).toBe('from https://a.example/x?… to "http://b.example/y?…", done?');
});
