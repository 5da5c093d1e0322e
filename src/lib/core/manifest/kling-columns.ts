/** Columns that a report adds. On input they are ignored, so that a report is itself a manifest. */
const KLING_COLUMN = /^\s*kling_/i;

export function isKlingColumn(name: string): boolean {
  return KLING_COLUMN.test(name);
}
