import { type NumberStyle, showSerial } from './number-format.ts';
import type { Texts } from './stored-texts.ts';

/** A cell in a sheet's XML. */
export interface StoredCell {
  /** `s`: index of a shared string; `str`, `inlineStr`, `b`, `e`, `d`; a number otherwise. */
  type: string;
  /** Text of the value, with its escapes; empty when there is none. */
  value: string;
  hasFormula: boolean;
  style: NumberStyle;
}

/** What was lost before this program read the cell. */
export type CellLoss =
  /** Stored as a number with more digits than a spreadsheet keeps. */
  | 'rounded'
  /** A formula whose result was not saved. */
  | 'uncalculated';

export interface CellText {
  text: string;
  loss: CellLoss | null;
}

/** Spreadsheets keep 15 digits of a number; whole numbers from here on have more. */
const FIRST_ROUNDED = 1e15;
const KEPT_DIGITS = 15;

/** The displayed text of a cell; dates as ISO 8601, durations as `26:30:00`, other numbers without their format. */
export function readCell(cell: StoredCell, book: { strings: Texts; is1904: boolean }): CellText {
  if (cell.value === '') return plain('', isUncalculated(cell) ? 'uncalculated' : null);
  switch (cell.type) {
    case 's':
      return plain(book.strings.at(Number(cell.value)) ?? '');
    case 'str':
    case 'inlineStr':
      return plain(decodeEscapes(cell.value));
    case 'b':
      return plain(/^(1|true)$/i.test(cell.value) ? 'TRUE' : 'FALSE');
    case 'd':
    case 'e':
      return plain(cell.value);
    default:
      return readNumber(cell, book.is1904);
  }
}

const ESCAPE = /_x(00[0189][0-9a-f]|005f|007f|d[89a-f][0-9a-f]{2}|fff[ef])_/gi;

/**
 * `_x000D_` stands for a character that XML cannot hold, `_x005F_` for the sign that begins such an escape (ECMA-376
 * part 1, 22.4.2.4). Other characters are never escaped, but names may look like it (`promo_x1080_v2.mp4`), and
 * openpyxl and others write them unchanged.
 */
export function decodeEscapes(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replace(ESCAPE, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** A result that is an empty text has the type of a text. */
function isUncalculated({ hasFormula, type }: StoredCell): boolean {
  return hasFormula && type !== 'str';
}

function readNumber({ value, style }: StoredCell, is1904: boolean): CellText {
  const number = Number(value);
  if (!Number.isFinite(number)) return plain(value);
  const shown = style === 'plain' ? null : showSerial(number, style, is1904);
  if (shown !== null) return plain(shown);
  const loss = Math.abs(number) >= FIRST_ROUNDED ? 'rounded' : null;
  if (/^-?\d+$/.test(value)) return plain(value, loss);
  return plain(String(Number(number.toPrecision(KEPT_DIGITS))), loss);
}

function plain(text: string, loss: CellLoss | null = null): CellText {
  return { text, loss };
}
