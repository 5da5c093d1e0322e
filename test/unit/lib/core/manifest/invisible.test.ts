import { describe, expect, it } from 'vitest';
import {
  findInvisible,
  revealInvisible,
  trimInvisible,
} from '../../../../../src/lib/core/manifest/invisible.ts';

describe('trimInvisible', () => {
  it.each([
    ['zero-width spaces', '\u200bhttps://x/a\u200b'],
    ['marks of direction', '\u200e\u202ahttps://x/a\u202c\u200f'],
    ['a word joiner, a soft hyphen, a selector', '\u2060\u00adhttps://x/a\ufe0f'],
    ['a byte order mark between white space', ' \ufeff\u00a0https://x/a\ufeff\t'],
    ['fillers of Hangul, the blank of Braille', '\u3164\u115f\u2800https://x/a\u2800\uffa0'],
    ['tags, what stands for a picture', '\u{e0001}\ufffchttps://x/a\u{e007f}'],
  ])('trimming removes %s', (_, text) => {
    expect(trimInvisible(text)).toBe('https://x/a');
  });

  it('trimming keeps the selector of a picture at the end', () => {
    expect(trimInvisible('https://x/❤\ufe0f')).toBe('https://x/❤\ufe0f');
  });

  it.each(['\u{1f600}', '\ud83d', '\ude00', '\u2800', ''])('trimmed text ends with %j', (text) => {
    expect(trimInvisible(`\u200b${text}`)).toBe(text === '\u2800' ? '' : text);
  });

  it('trimming takes linear time for a long run', () => {
    expect(trimInvisible(`a${'\u200b'.repeat(50_000)}b`)).toHaveLength(50_002);
  });
});

describe('findInvisible', () => {
  it.each([
    ['https://x/a\u200bb.mp4', 'U+200B'],
    ['78491\u200e2347', 'U+200E'],
    ['a\u00adb', 'U+00AD'],
    ['a\ufeffb', 'U+FEFF'],
    ['a\u2060b', 'U+2060'],
    ['https://x/\u3164.mp4', 'U+3164'],
    ['7849\u{e0020}', 'U+E0020'],
    ['https://x/a.mp4', null],
    ['https://x/葛\u{e0100}/\u{1f3f4}\u{e0067}\u{e0062}\u{e007f}.mp4', null],
    ['https://x/👩\u200d👧/❤\ufe0f/کتاب\u200cها', null],
  ])('%j has %s', (text, expected) => {
    expect(findInvisible(text)).toBe(expected);
  });
});

it('revealInvisible shows invisible characters by their code', () => {
  expect(revealInvisible('a\u200bb\u202ec')).toBe('a<U+200B>b<U+202E>c');
});
