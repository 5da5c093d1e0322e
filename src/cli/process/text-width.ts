import { eastAsianWidth } from 'get-east-asian-width';

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const ESCAPE = '\u001b';
const RESET = `${ESCAPE}[0m`;
/** Asks for the colourful, wide form of the sign before it. */
const EMOJI_FORM = '\ufe0f';

/** Columns that a text takes on a terminal; styles take none, Chinese and emoji two each. */
export function widthOf(text: string): number {
  return measure(text).reduce((sum, { columns }) => sum + columns, 0);
}

/** Cut to so many columns, if need be with `…` at its end. A style that is cut off is ended. */
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

/** Filled up with spaces to so many columns. */
export const padText = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - widthOf(text)));

interface Piece {
  text: string;
  columns: number;
}

function measure(text: string): Piece[] {
  let isInStyle = false;
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
