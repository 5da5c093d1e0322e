import { asText } from '../cells-as-json.ts';
import type { ResultRecord } from '../result-record.ts';

/** A column of `results`: its type as a parameter, how it is made of that, and its value. */
interface Column {
  name: string;
  type: 'text' | 'int' | 'bigint' | 'float8';
  /** SQL of the parameter's column; default itself. */
  sql?: string;
  of: (record: ResultRecord) => string | number | bigint | null;
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

/** The key of a row. */
const KEY: readonly Column[] = [
  text('batch_id', ({ batch }) => batch.id),
  text('incarnation', ({ batch }) => batch.incarnation),
  number('row_number', 'int', ({ row }) => row),
];

const VALUES: readonly Column[] = [
  text('status', ({ status }) => status),
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

const COLUMNS = [...KEY, ...VALUES];

/** One array for each column: arrays of numbers are texts already, as the driver would quote each number. */
export const valuesOf = (records: readonly ResultRecord[]): unknown[] =>
  COLUMNS.map(({ type, of }) => {
    const values = records.map(of);
    return type === 'text' ? values : `{${values.map((value) => value ?? 'NULL').join(',')}}`;
  });

const listOf = (columns: readonly Column[], write: (column: Column) => string): string =>
  columns.map(write).join(', ');

const nameOf = ({ name }: Column): string => name;

const UNNEST = `unnest(${COLUMNS.map(({ type }, at) => `$${at + 1}::${type}[]`).join(', ')}) AS n(${listOf(COLUMNS, nameOf)})`;

/** A row that is there in the same or a later revision stays as it is. */
export const upsertResults = (schema: string): string =>
  `INSERT INTO ${schema}.results AS r (${listOf(COLUMNS, nameOf)}) ` +
  `SELECT ${listOf(COLUMNS, ({ name, sql }) => sql ?? `n.${name}`)} FROM ${UNNEST} ` +
  `ON CONFLICT (${listOf(KEY, nameOf)}) DO UPDATE SET ${listOf(VALUES, ({ name }) => `${name} = excluded.${name}`)} ` +
  'WHERE r.revision < excluded.revision';
