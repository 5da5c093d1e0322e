import { expect, test } from 'vitest';
import { cutText, padText, widthOf, wrapText } from '../../../../src/cli/process/text-width.ts';

const RED = '\u001b[31m';
const END = '\u001b[0m';

test.each([
  ['', 0],
  ['abc', 3],
  ['né', 2],
  ['ne\u0301', 2],
  ['视频', 4],
  ['مرحبا', 5],
  ['👩‍🎤', 2],
  ['❤️', 2],
  [`${RED}abc${END}`, 3],
])('%j takes %i columns', (text, columns) => {
  expect(widthOf(text)).toBe(columns);
});

test.each([
  ['abc', 3, 'abc'],
  ['abcd', 3, 'ab…'],
  ['视频视频', 8, '视频视频'],
  ['视频视频', 7, '视频视…'],
  ['视频视频', 6, '视频…'],
  ['a👩‍🎤b👩‍🎤', 5, 'a👩‍🎤b…'],
  [`${RED}abcd${END}`, 3, `${RED}ab…${END}`],
])('%j in %i columns is %j', (text, columns, cut) => {
  expect(cutText(text, columns)).toBe(cut);
  expect(widthOf(cutText(text, columns))).toBeLessThanOrEqual(columns);
});

test.each([
  ['one two three', 9, ['one two', 'three']],
  ['one two', 7, ['one two']],
  [`${RED}one two${END} three`, 7, [`${RED}one two${END}`, 'three']],
  ['incomprehensible', 6, ['incom…']],
  ['', 5, ['']],
])('%j is broken at %i columns into %j', (text, columns, lines) => {
  expect(wrapText(text, columns)).toEqual(lines);
});

test('cells are padded by columns, not by characters', () => {
  expect(padText('视频', 6)).toBe('视频  ');
  expect(padText('too long', 3)).toBe('too long');
});
