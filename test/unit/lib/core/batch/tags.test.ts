import { expect, test } from 'vitest';
import { parseTags } from '../../../../../src/lib/core/batch/tags.ts';

test.each<[text: string, tags: string[] | null]>([
  ['spring', ['spring']],
  [' spring , ads,spring,', ['spring', 'ads']],
  ['Größe:2,v1.0_b-c', ['Größe:2', 'v1.0_b-c']],
  ['', []],
  ['two words', null],
  ['<b>', null],
  ['x'.repeat(40), ['x'.repeat(40)]],
  ['x'.repeat(41), null],
  [Array.from({ length: 21 }, (_, index) => `t${index}`).join(), null],
])('the tag "%s" is taken as %j', (text, tags) => {
  expect(parseTags(text)).toEqual(tags);
});
