const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const SHORT_INTEGER = /^(?:0|-?[1-9]\d{0,14})$/;

/** What a spreadsheet keeps of a number. */
const KEPT_DIGITS = 15;

/**
 * A cell as a spreadsheet may have saved it: `007` as `7`, `1.50` as `1.5`, `1e3` as `1000`, numbers with 15 digits, and
 * `true` as `TRUE`. Any other cell is itself. Different numbers may have the same form.
 */
export function savedForm(cell: string): string {
  if (!mayBeNumber(cell.charCodeAt(0))) return savedBoolean(cell);
  if (SHORT_INTEGER.test(cell) || !NUMBER.test(cell)) return cell;
  const kept = Number(Number(cell).toPrecision(KEPT_DIGITS));
  return Number.isFinite(kept) ? String(kept) : cell;
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

/** A digit, a sign or a point. */
const mayBeNumber = (code: number): boolean =>
  (code >= 48 && code <= 57) || code === 43 || code === 45 || code === 46;

function savedBoolean(cell: string): string {
  if (cell.length !== 4 && cell.length !== 5) return cell;
  const upper = cell.toUpperCase();
  return upper === 'TRUE' || upper === 'FALSE' ? upper : cell;
}
