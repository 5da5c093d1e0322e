import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StoredTexts } from '../../../../../src/producer/manifest/workbook/stored-texts.ts';

const MIB = 1024 * 1024;

function stored(texts: readonly string[]): StoredTexts {
  const all = new StoredTexts();
  expect(texts.every((text) => all.add(text))).toBe(true);
  return all;
}

const openFiles = (): number => readdirSync('/proc/self/fd').length;

describe('stored texts', () => {
  it('stored texts come back as they were, in any order, from memory and from the file', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      // Half of a surrogate pair, as `_xD800_` in a workbook stands for.
      fc.constantFrom('', '\ud800', 'é', '漢字', 'x'.repeat(70_000), '漢'.repeat(40_000)),
    );
    const texts = fc.array(text, { minLength: 1, maxLength: 150 });
    fc.assert(
      fc.property(texts, fc.array(fc.nat(999), { maxLength: 300 }), (given, asked) => {
        using all = stored(given);
        for (const at of asked.map((one) => one % given.length)) expect(all.at(at)).toBe(given[at]);
      }),
      { numRuns: 60 },
    );
  });

  it('stored texts come back from far more than stays in memory', () => {
    const textOf = (at: number): string => `${at}-`.padEnd(1_000 + (at % 7), at % 3 ? 'a' : '漢');
    const numbers = Array.from({ length: 20_000 }, (_, at) => at);
    using all = stored(numbers.map(textOf));
    for (const at of [...numbers, ...numbers.map((one) => (one * 7_919) % 20_000)]) {
      if (all.at(at) !== textOf(at)) expect(all.at(at)).toBe(textOf(at));
    }
  });

  it('stored texts have no text beside their own', () => {
    using all = stored(['a']);
    expect([-1, 1, 0.5, Number.NaN].map((at) => all.at(at))).toEqual(Array(4).fill(undefined));
  });

  it.runIf(process.platform === 'linux')('stored texts leave no file open', () => {
    const before = openFiles();
    const all = stored(['x'.repeat(MIB)]);
    expect(openFiles()).toBe(before + 1);
    all[Symbol.dispose]();
    expect(openFiles()).toBe(before);
  });

  it('stored texts are at most 8 million', () => {
    using all = new StoredTexts();
    for (let at = 0; at < 8 * MIB; at += 1) all.add('');
    expect(all.add('')).toBe(false);
  });
});
