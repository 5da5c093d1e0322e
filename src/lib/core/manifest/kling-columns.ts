/** Columns that a report adds. They are ignored in a manifest, so that a report is itself a manifest. */
const KLING_COLUMN = /^\s*kling_/i;

export function isKlingColumn(name: string): boolean {
  return KLING_COLUMN.test(name);
}
