/**
 * Foreign text made safe for a report, a log line and a terminal. Control and invisible characters and broken
 * surrogates become spaces, runs of white space become one space, and the text is cut to `maxLength` UTF-16 units.
 */
export function cleanText(text: string, maxLength: number): string {
  // Cut first, so that a megabyte of page costs no more than its beginning.
  const cleaned = text
    .slice(0, maxLength * 4)
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  return cleaned.slice(0, maxLength).replace(/\p{Cs}$/u, '');
}
