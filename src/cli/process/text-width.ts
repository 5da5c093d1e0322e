import { eastAsianWidth } from 'get-east-asian-width';

/** Made when a text is first measured, because making it takes a tenth of a short command's time. */
let graphemes: Intl.Segmenter | undefined;
const ESCAPE = '\u001b';
const RESET = `${ESCAPE}[0m`;
/** Asks for the colourful, wide form of the character before it. */
const EMOJI_FORM = '\ufe0f';

/** Columns that a text occupies on a terminal. Styles take none, Chinese characters and emoji take two. */
export function widthOf(text: string): number {
  return measure(text).reduce((sum, { columns }) => sum + columns, 0);
}

/** Cuts a text to this many columns, with `…` at its end if necessary, and closes any open style. */
export function cutText(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let left = columns - 1;
  let kept = '';
  for (const piece of measure(text)) {
    left -= piece.columns;
    if (left < 0) break;
    kept += piece.text;
  }
  return `${kept}…${kept.includes(ESCAPE) ? RESET : ''}`;
}

/**
 * Breaks a text between words into lines of at most this many columns. A longer word is cut. A style continues over
 * all lines.
 */
export function wrapText(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line === '' || widthOf(longer) <= columns) line = longer;
    else {
      lines.push(cutText(line, columns));
      line = word;
    }
  }
  return [...lines, cutText(line, columns)];
}

/** Pads a text with spaces to this many columns. */
export const padText = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - widthOf(text)));

interface Piece {
  text: string;
  columns: number;
}

function measure(text: string): Piece[] {
  let isInStyle = false;
  graphemes ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return Array.from(graphemes.segment(text), ({ segment }) => {
    if (segment === ESCAPE) isInStyle = true;
    const columns = isInStyle ? 0 : columnsOf(segment);
    if (segment === 'm') isInStyle = false;
    return { text: segment, columns };
  });
}

function columnsOf(grapheme: string): number {
  if (grapheme.includes(EMOJI_FORM)) return 2;
  return Math.max(...Array.from(grapheme, (sign) => eastAsianWidth(sign.codePointAt(0) ?? 0)));
}
