/** Columns that a report adds. They are ignored in a manifest, so that a report is itself a manifest. */
const KLING_COLUMN = /^\s*kling_/i;

/** Names the batch whose report a table is. */
export const BATCH_COLUMN = 'kling_batch';

export function isKlingColumn(name: string): boolean {
  return KLING_COLUMN.test(name);
}
