/**
 * Characters that are invisible and not white space: soft hyphen, zero-width characters, direction marks, byte order
 * mark, variation selectors. They are copied along from web pages and chats.
 */
const INVISIBLE =
  '\\u00ad\\u034f\\u061c\\u180e\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufe00-\\ufe0f\\ufeff';

/** Shows the picture before it in colour. */
const SELECTOR = '\ufe0f';

const ANY = new RegExp(`[${INVISIBLE}]`);
const BLANK = new RegExp(`[\\s${INVISIBLE}]`);
const PICTURE_AT_END = /\p{Extended_Pictographic}$/u;
const ALL = new RegExp(`[${INVISIBLE}]`, 'g');

/** Characters that belong to a visible one: a joiner between letters or pictures, a selector after a picture. */
const JOINED = new RegExp(
  [
    '(?<=\\p{L}|\\p{M}|\\p{Extended_Pictographic}|\\ufe0f)(?:\\u200c|\\u200d)(?=\\p{L}|\\p{Extended_Pictographic})',
    '(?<=\\p{Extended_Pictographic}|[#*0-9])\\ufe0f',
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
  while (start < end && BLANK.test(trimmed[start] ?? '')) start += 1;
  while (end > start && BLANK.test(trimmed[end - 1] ?? '')) end -= 1;
  const isSelector = trimmed[end] === SELECTOR && PICTURE_AT_END.test(trimmed.slice(start, end));
  return trimmed.slice(start, isSelector ? end + 1 : end);
}

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
