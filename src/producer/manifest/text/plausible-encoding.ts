import iconv from 'iconv-lite';
import { FREQUENT_SIMPLIFIED, FREQUENT_TRADITIONAL } from './frequent-characters.ts';
import { costOfHangul } from './hangul.ts';

/**
 * What a character costs as text in an encoding: the negative logarithm of how probable it is in a name or a title,
 * from the ranges of its encoding. Those have their usual characters in a block of their own ("level 1").
 */
type CostOf = (character: string, first: number, second: number) => number;

/** Punctuation, and ASCII in full width. */
const SYMBOL = 7.6;
/** A character of a level that an encoding has for rare names and other scripts. */
const RARE = 17;

const isHigh = (byte: number): boolean => byte >= 0xa1;

/** Of the two bytes of a character in GB2312 and EUC. */
const isIn = (first: number, second: number, from: number, to: number): boolean =>
  first >= from && first <= to && isHigh(second);

const COSTS: Readonly<Record<string, CostOf>> = {
  GB18030: (character, first, second) => {
    if (FREQUENT_SIMPLIFIED.has(character)) return 6.3;
    if (isIn(first, second, 0xb0, 0xd7)) return 9.5;
    if (first === 0xa1 || first === 0xa3) return SYMBOL;
    return isIn(first, second, 0xd8, 0xf7) ? 13.3 : RARE;
  },
  Big5: (character, first) => {
    if (FREQUENT_TRADITIONAL.has(character)) return 6.3;
    if (first >= 0xa4 && first <= 0xc6) return 9.9;
    if (first === 0xa1 || first === 0xa2) return SYMBOL;
    return first >= 0xc9 && first <= 0xf9 ? 14.5 : RARE;
  },
  Shift_JIS: (character, first, second) => {
    if (/^[\u3041-\u309f]$/.test(character)) return 5.2;
    if (/^[\u30a1-\u30ff]$/.test(character)) return 5.5;
    // Half a width, in one byte.
    if (second === 0) return 10;
    if (first === 0x81 || first === 0x82) return SYMBOL;
    if (first >= 0x88 && first <= 0x98) return 9;
    return first > 0x98 && first <= 0xea ? 13.4 : RARE;
  },
  'EUC-KR': (character, first, second) => {
    const hangul = costOfHangul(character);
    if (hangul !== null) return isIn(first, second, 0xb0, 0xc8) ? hangul : hangul + 6;
    if (first === 0xa1 || first === 0xa3) return SYMBOL;
    return isIn(first, second, 0xca, 0xfd) ? 13 : RARE;
  },
};

/** On average for a character; right encodings had 10 and less, text of single-byte code pages 12 and more. */
const MOST_COST = 11;

/**
 * The encoding in which a short text is most probable as names or titles in Chinese, Japanese or Korean; null when it
 * is in none. It is an assumption: a few characters may be as good in another encoding.
 */
export function plausibleEncoding(sample: Buffer): string | null {
  const costs = Object.keys(COSTS).flatMap((encoding) => {
    const cost = costOf(sample, encoding);
    return cost === null ? [] : [{ encoding, ...cost }];
  });
  const [best] = costs.sort((one, other) => one.total - other.total);
  if (!best || best.total / best.characters > MOST_COST) return null;
  return costOfSingleBytes(sample) < best.total ? null : best.encoding;
}

/** Null if the bytes are no text of the encoding. */
function costOf(sample: Buffer, encoding: string): { total: number; characters: number } | null {
  const text = iconv.decode(sample, encoding);
  if (text.includes('\ufffd') || !iconv.encode(text, encoding).equals(sample)) return null;
  const characters = text.match(/\P{ASCII}/gu) ?? [];
  let total = 0;
  for (const character of characters) {
    const [first = 0, second = 0] = iconv.encode(character, encoding);
    total += COSTS[encoding]?.(character, first, second) ?? RARE;
  }
  return characters.length === 0 ? null : { total, characters: characters.length };
}

/**
 * What the same bytes cost as Latin or Cyrillic letters (Windows-1252 and its like, Windows-1251): most Latin letters
 * are ASCII, and most Cyrillic ones small.
 */
function costOfSingleBytes(sample: Buffer): number {
  let latin = 0;
  let cyrillic = 0;
  let before = 0;
  for (const byte of sample) {
    if (byte >= 0x80) {
      latin += latinCost(byte) + (before >= 0x80 ? 4 : 0);
      cyrillic += cyrillicCost(byte);
    }
    before = byte;
  }
  return Math.min(latin, cyrillic);
}

/** Small letters, then large ones, quotes and dashes, and other signs. */
function latinCost(byte: number): number {
  if (byte >= 0xdf) return 4.2;
  if (byte >= 0xc0) return 6.5;
  return byte < 0xa0 ? 6 : 9.5;
}

function cyrillicCost(byte: number): number {
  if (byte >= 0xe0) return 3.6;
  return byte >= 0xc0 ? 5.6 : 7.5;
}
