const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const SHORT_INTEGER = /^(?:0|-?[1-9]\d{0,14})$/;
/** `1,234.50`; and as written where the comma is before the fraction, `1.234,50` and `19,90`. */
const WITH_COMMAS = /^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/;
const COMMA_FRACTION = /^[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+),\d+$/;

/** What a spreadsheet keeps of a number. */
const KEPT_DIGITS = 15;

/**
 * A cell as a spreadsheet may have saved it: `007` as `7`, `1.50` as `1.5`, `1e3` and `1,000` as `1000`, `25%` as `0.25`,
 * numbers without spaces around them and with 15 digits, and `true` as `TRUE`. Any other cell is itself. Different
 * numbers may have the same form.
 */
export function savedForm(cell: string): string {
  if (!mayBeNumber(cell.charCodeAt(0))) return savedBoolean(cell);
  if (SHORT_INTEGER.test(cell)) return cell;
  const text = cell.trim();
  const isPercentage = text.endsWith('%');
  const number = plainNumber(isPercentage ? text.slice(0, -1).trimEnd() : text);
  if (number === null) return cell;
  const kept = Number((isPercentage ? number / 100 : number).toPrecision(KEPT_DIGITS));
  return Number.isFinite(kept) ? String(kept) : cell;
}

function plainNumber(text: string): number | null {
  if (NUMBER.test(text)) return Number(text);
  if (WITH_COMMAS.test(text)) return Number(text.replaceAll(',', ''));
  if (COMMA_FRACTION.test(text)) return Number(text.replaceAll('.', '').replace(',', '.'));
  return null;
}

/** The same for several cells, but only for those at the places that `mayChange`; the given ones if none has another form. */
export function savedForms(
  cells: readonly string[],
  mayChange: (at: number) => boolean = () => true,
): readonly string[] {
  let forms: string[] | null = null;
  for (let at = 0; at < cells.length; at += 1) {
    const cell = cells[at] as string;
    const form = mayChange(at) ? savedForm(cell) : cell;
    if (form === cell) continue;
    forms ??= [...cells];
    forms[at] = form;
  }
  return forms ?? cells;
}

/** A digit, a sign, a point or a space. */
const mayBeNumber = (code: number): boolean =>
  (code >= 48 && code <= 57) || code === 43 || code === 45 || code === 46 || code === 32;

function savedBoolean(cell: string): string {
  if (cell.length !== 4 && cell.length !== 5) return cell;
  const upper = cell.toUpperCase();
  return upper === 'TRUE' || upper === 'FALSE' ? upper : cell;
}
