import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Source } from '../../../../../src/lib/core/manifest/source.ts';
import {
  digestSource,
  isCalledFor,
} from '../../../../../src/lib/store/redis/packing/source-digest.ts';

const source = (videoUrl: string): Source => ({ kind: 'url', videoUrl });
const SIGNED = 'https://a.example/1.mp4?Expires=1767225600&Signature=s';

test('an address that is signed again is the same source', () => {
  const { called } = digestSource(source(SIGNED));
  expect(isCalledFor(source(SIGNED.replace('=s', '=t')), called)).toBe(true);
  expect(isCalledFor(source('https://a.example/2.mp4'), called)).toBe(false);
});

test('a call counts that version 0.2 stored by the address as it was written', () => {
  const digest = hash('sha256', `url ${SIGNED}`, 'buffer').toString('base64url', 0, 12);
  expect(isCalledFor(source(SIGNED), digest.slice(12))).toBe(true);
});

test('Kling videos are identified by both ids', () => {
  const kling = (taskId: string): Source => ({ kind: 'kling', videoId: '1', taskId });
  const { called } = digestSource(kling('2'));
  expect([kling('2'), kling('3')].map((other) => isCalledFor(other, called))).toEqual([
    true,
    false,
  ]);
});
