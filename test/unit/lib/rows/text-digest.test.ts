import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TextDigest } from '../../../../src/lib/rows/text-digest.ts';

const digest = new TextDigest();
const digestOf = (texts: readonly string[]): string => {
  digest.of(texts);
  return `${digest.high} ${digest.low}`;
};

test('equal texts have equal digests, and different ones different digests', () => {
  const texts = fc.array(fc.string({ maxLength: 5 }), { maxLength: 3 });
  fc.assert(
    fc.property(texts, texts, (one, other) => {
      expect(digestOf(one)).toBe(digestOf([...one]));
      expect(digestOf(one) === digestOf(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
    }),
  );
});

test.each([
  [
    ['ab', 'c'],
    ['a', 'bc'],
  ],
  [['a', ''], ['a']],
  [[''], []],
  [['a'], ['a\0']],
  [['ab'], ['ba']],
])('the texts %j and %j differ', (one, other) => {
  expect(digestOf(one)).not.toBe(digestOf(other));
});

test('a text counts to its last byte, whatever was hashed before it', () => {
  const texts = fc.array(fc.string({ unit: fc.constantFrom('a', 'é', '漢', '🎬'), maxLength: 9 }));
  fc.assert(
    fc.property(texts, fc.string({ maxLength: 40 }), (some, before) => {
      const fresh = digestOf(some);
      digest.of([before, 'x'.repeat(40)]);
      expect(digestOf(some)).toBe(fresh);
    }),
  );
});

test('a text far longer than any before has a digest, and its last character counts', () => {
  const long = '漢'.repeat(200_000);
  expect(digestOf([long, 'a'])).not.toBe(digestOf([long, 'b']));
  expect(digestOf([`${long}a`])).not.toBe(digestOf([`${long}b`]));
});

test('a text that the latest digest stands for counts by that digest', () => {
  const digestAfter = (video: string, address: string): string => {
    digest.of([video]);
    digest.of(['a', address, 'b'], 1);
    return `${digest.high} ${digest.low}`;
  };
  expect(digestAfter('x', 'https://x?1')).toBe(digestAfter('x', 'https://x?2'));
  expect(digestAfter('x', 'https://x')).not.toBe(digestAfter('y', 'https://x'));
});

test('each bit of a digest differs in half of all texts that differ in one digit', () => {
  const counts = new Uint32Array(64);
  digest.of(['https://x/0.mp4']);
  const { high, low } = digest;
  for (let text = 1; text <= 2_000; text += 1) {
    digest.of([`https://x/${text}.mp4`]);
    for (let bit = 0; bit < 32; bit += 1) {
      counts[bit] = (counts[bit] ?? 0) + (((digest.low ^ low) >>> bit) & 1);
      counts[32 + bit] = (counts[32 + bit] ?? 0) + (((digest.high ^ high) >>> bit) & 1);
    }
  }
  // Nine standard deviations.
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(200);
});

test('two imports use different keys', () => {
  const other = new TextDigest();
  other.of(['a']);
  expect(`${other.high} ${other.low}`).not.toBe(digestOf(['a']));
});
