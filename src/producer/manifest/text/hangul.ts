/**
 * How often each letter is in a syllable of Korean text, in hundredths and roughly, in the order in which Unicode builds
 * syllables: ㄱ ㄲ ㄴ ㄷ ㄸ ㄹ ㅁ ㅂ ㅃ ㅅ ㅆ ㅇ ㅈ ㅉ ㅊ ㅋ ㅌ ㅍ ㅎ.
 */
const INITIALS = [10, 0.6, 8, 9, 0.6, 7, 6, 6, 0.4, 10, 0.6, 19, 8, 0.4, 4, 2, 4, 3, 7];
/** ㅏ ㅐ ㅑ ㅒ ㅓ ㅔ ㅕ ㅖ ㅗ ㅘ ㅙ ㅚ ㅛ ㅜ ㅝ ㅞ ㅟ ㅠ ㅡ ㅢ ㅣ */
const MEDIALS = [
  19, 5, 1, 0.1, 10, 5, 6, 0.5, 11, 1.5, 0.3, 1.5, 2, 8, 0.8, 0.1, 1.2, 2, 8, 1.2, 16,
];
/** None, ㄱ, ㄴ, ㄹ, ㅁ, ㅂ, ㅅ, ㅆ, ㅇ; all others are rare. */
const FINALS = new Map([
  [0, 52],
  [1, 7],
  [4, 13],
  [8, 9],
  [16, 5],
  [17, 2.5],
  [19, 2.5],
  [20, 1],
  [21, 9],
]);
const RARE = 0.08;

const FIRST = 0xac00;
const LAST = 0xd7a3;

/** The negative logarithm of how probable a syllable is, from its letters; null for other characters. */
export function costOfHangul(character: string): number | null {
  const code = character.codePointAt(0) ?? 0;
  if (code < FIRST || code > LAST) return null;
  const place = code - FIRST;
  const finals = FINALS.get(place % 28) ?? RARE;
  const medials = MEDIALS[Math.floor(place / 28) % MEDIALS.length] ?? RARE;
  const initials = INITIALS[Math.floor(place / (28 * MEDIALS.length))] ?? RARE;
  return -Math.log((initials * medials * finals) / 100 ** 3);
}
