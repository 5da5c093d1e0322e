import { asText } from '../cells-as-json.ts';
import type { ResultRecord } from '../result-record.ts';
import type { PackedRows } from '../results-database.ts';
import { type ArrayColumn, BinaryArrays, nullsLike, sliceArray } from './binary-arrays.ts';

/** A column of `results`: its type as a parameter, how it is made of that, and its value. */
interface Column extends ArrayColumn<ResultRecord> {
  name: string;
  /** SQL of the parameter's column; default itself. */
  sql?: string;
}

const text = (name: string, of: (record: ResultRecord) => string | null): Column => ({
  name,
  type: 'text',
  of: (record) => {
    const value = of(record);
    return value === null ? null : asText(value);
  },
});
const number = (
  name: string,
  type: 'int' | 'float8',
  of: (record: ResultRecord) => number | null,
): Column => ({ name, type, of });
const time = (name: string, of: (record: ResultRecord) => number | null): Column => ({
  name,
  type: 'float8',
  sql: `to_timestamp(n.${name} / 1000)`,
  of,
});

/** Of a text that this program has made. */
const word = (name: string, of: (record: ResultRecord) => string): Column => ({
  name,
  type: 'text',
  of,
});

/** The key of a row. */
const KEY: readonly Column[] = [
  word('batch_id', ({ batch }) => batch.id),
  word('incarnation', ({ batch }) => batch.incarnation),
  number('row_number', 'int', ({ row }) => row),
];

const VALUES: readonly Column[] = [
  text('key', ({ key }) => key),
  word('status', ({ status }) => status),
  text('session_id', ({ sessionId }) => sessionId),
  time('expires_at', ({ expiresAtMs }) => expiresAtMs),
  text('error_code', ({ errorCode }) => errorCode),
  text('error', ({ error }) => error),
  text('warnings', ({ warnings }) => warnings),
  number('attempts', 'int', ({ attempts }) => attempts),
  text('request_id', ({ requestId }) => requestId),
  number('duration_s', 'float8', ({ durationS }) => durationS),
  number('width', 'int', ({ width }) => width),
  number('height', 'int', ({ height }) => height),
  number('fps', 'float8', ({ fps }) => fps),
  { ...number('units', 'float8', ({ units }) => units), sql: 'n.units::numeric' },
  number('duplicate_of', 'int', ({ duplicateOf }) => duplicateOf),
  time('finished_at', ({ finishedAtMs }) => finishedAtMs),
  { name: 'cells', type: 'text', sql: 'n.cells::jsonb', of: ({ cells }) => cells },
  { name: 'revision', type: 'bigint', of: ({ revision }) => revision },
];

const COLUMNS: readonly Column[] = [...KEY, ...VALUES];

const ARRAYS = new BinaryArrays();

/** One array for each column. */
export const packRows = (records: readonly ResultRecord[]): PackedRows => ({
  rows: records.length,
  columns: ARRAYS.make(COLUMNS, records),
});

/**
 * What to try next when the server refuses rows because of a value: their halves, or a single row without its cells;
 * null after that.
 */
export function divideRefused({ rows, columns }: PackedRows): PackedRows[] | null {
  const half = Math.ceil(rows / 2);
  if (half < rows) return [slice(columns, 0, half), slice(columns, half, rows)];
  const at = COLUMNS.findIndex(({ name }) => name === 'cells');
  const cells = columns[at];
  if (cells === undefined) return null;
  const without = nullsLike(cells);
  return cells.equals(without) ? null : [{ rows, columns: columns.with(at, without) }];
}

const slice = (columns: readonly Buffer[], from: number, to: number): PackedRows => ({
  rows: to - from,
  columns: columns.map((column) => sliceArray(column, from, to)),
});

const listOf = (columns: readonly Column[], write: (column: Column) => string): string =>
  columns.map(write).join(', ');

const nameOf = ({ name }: Column): string => name;

const UNNEST = `unnest(${COLUMNS.map(({ type }, at) => `$${at + 1}::${type}[]`).join(', ')}) AS n(${listOf(COLUMNS, nameOf)})`;

/** A row that is stored in the same or a later revision stays as it is. */
export const upsertResults = (schema: string): string =>
  `INSERT INTO ${schema}.results AS r (${listOf(COLUMNS, nameOf)}) ` +
  `SELECT ${listOf(COLUMNS, ({ name, sql }) => sql ?? `n.${name}`)} FROM ${UNNEST} ` +
  `ON CONFLICT (${listOf(KEY, nameOf)}) DO UPDATE SET ${listOf(VALUES, ({ name }) => `${name} = excluded.${name}`)} ` +
  'WHERE r.revision < excluded.revision';
