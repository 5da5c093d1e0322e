/**
 * Characters that are invisible and not white space: those that programs ignore according to Unicode (soft hyphen,
 * zero-width characters, direction marks, byte order mark, variation selectors, fillers of Hangul, tags), the blank
 * of Braille, and the placeholder for a picture in copied text. They are copied along from web pages and chats.
 */
const INVISIBLE = '\\p{Default_Ignorable_Code_Point}\\u2800\\ufffc';

/** Shows the picture before it in colour. */
const SELECTOR = '\ufe0f';

const ANY = new RegExp(`[${INVISIBLE}]`, 'u');
const BLANK = new RegExp(`^[\\s${INVISIBLE}]$`, 'u');
const PICTURE_AT_END = /\p{Extended_Pictographic}$/u;
const ALL = new RegExp(`[${INVISIBLE}]`, 'gu');

/**
 * Characters that belong to a visible one: a joiner between letters or pictures, a selector after a picture or an
 * ideograph, the tags of a flag.
 */
const JOINED = new RegExp(
  [
    '(?<=\\p{L}|\\p{M}|\\p{Extended_Pictographic}|\\ufe0f)(?:\\u200c|\\u200d)(?=\\p{L}|\\p{Extended_Pictographic})',
    '(?<=\\p{Extended_Pictographic}|[#*0-9])\\ufe0f',
    '(?<=\\p{Ideographic})[\\u{e0100}-\\u{e01ef}]',
    '\\u{1f3f4}[\\u{e0020}-\\u{e007f}]+',
  ].join('|'),
  'gu',
);

/** Trims white space and invisible characters at both ends, except a variation selector at the end. */
export function trimInvisible(text: string): string {
  if (isPlain(text.charCodeAt(0)) && isPlain(text.charCodeAt(text.length - 1))) return text;
  const trimmed = text.trim();
  if (!ANY.test(trimmed)) return trimmed;
  let start = 0;
  let end = trimmed.length;
  for (let sign = signAt(trimmed, start); BLANK.test(sign); sign = signAt(trimmed, start)) {
    start += sign.length;
  }
  for (let sign = signBefore(trimmed, end); end > start && BLANK.test(sign); ) {
    end -= sign.length;
    sign = signBefore(trimmed, end);
  }
  const isSelector = trimmed[end] === SELECTOR && PICTURE_AT_END.test(trimmed.slice(start, end));
  return trimmed.slice(start, isSelector ? end + 1 : end);
}

/** One character, which may be a pair of surrogates; nothing at the end. */
const signAt = (text: string, at: number): string =>
  at < text.length ? String.fromCodePoint(text.codePointAt(at) ?? 0) : '';

const signBefore = (text: string, end: number): string =>
  /[\udc00-\udfff]/.test(text[end - 1] ?? '') ? text.slice(end - 2, end) : (text[end - 1] ?? '');

/** Visible ASCII; most cells begin and end with it. */
const isPlain = (code: number): boolean => code > 0x20 && code < 0x7f;

/**
 * The first invisible character inside `text` that does not belong to a visible one, as `U+200B`; null when there is
 * none.
 */
export function findInvisible(text: string): string | null {
  if (!ANY.test(text)) return null;
  const found = ANY.exec(text.replace(JOINED, ''));
  return found === null ? null : nameOf(found[0]);
}

/** Shows every invisible character as `<U+200B>`. */
export const revealInvisible = (text: string): string =>
  ANY.test(text) ? text.replace(ALL, (sign) => `<${nameOf(sign)}>`) : text;

const nameOf = (sign: string): string =>
  `U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
