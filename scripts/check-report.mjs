// @ts-check
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';

/**
 * Compares a report of the sample manifest with the manifest's column `expected`. Returns one sentence for
 * each row with another result.
 *
 * @param {string} path
 * @returns {{ rows: number, wrong: string[] }}
 */
export function checkReport(path) {
  /** @type {Record<string, string>[]} */
  const rows = parse(readFileSync(path), { columns: true, relax_column_count: true, bom: true });
  const wrong = rows.filter((row) => !isAsExpected(row));
  return {
    rows: rows.length,
    wrong: wrong.map(
      ({ kling_row, kling_status, expected, kling_error }) =>
        `Row ${kling_row} ended as ${kling_status}, not ${expected}: ${kling_error}`,
    ),
  };
}

/**
 * A row without `expected` is malformed. A repeated row expects the result of the row that it repeats.
 *
 * @param {Record<string, string>} row
 */
function isAsExpected({ expected, kling_status, kling_session_id }) {
  if (kling_status === 'duplicate') return expected !== 'succeeded' || kling_session_id !== '';
  return kling_status === (expected || 'invalid');
}
