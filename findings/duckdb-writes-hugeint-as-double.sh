#!/usr/bin/env bash
# DuckDB: `COPY … TO 'ids.parquet'` rounds a HUGEINT to floating point, which the result of `sum` over ids is.
#
# Packages: @duckdb/node-api@1.5.4-r.1
# Guess:    a type that Parquet does not have becomes a DECIMAL of 38 digits, or is an error; what CSV and JSON keep,
#           Parquet keeps too.
# Seen:     it becomes DOUBLE without a word, and an id of 18 digits loses its last ones. The same query to CSV or JSON is
#           exact. `sum` makes a HUGEINT of every integer, also where a group has one row; `max` and `any_value` keep the type.
#           (2026-11-29)
#> bigint:    parquet BIGINT 784912345678901235, csv 784912345678901235
#> sum:       parquet DOUBLE 784912345678901200, csv 784912345678901235
#> any_value: parquet BIGINT 784912345678901235, csv 784912345678901235
#> decimal:   parquet DECIMAL(38,0) 784912345678901235, csv 784912345678901235
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . @duckdb/node-api@1.5.4-r.1

cat >write.mjs <<'JS'
import { readFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
const instance = await DuckDBInstance.create(':memory:');
const connection = await instance.connect();
const rowsOf = async (query) => (await connection.runAndReadAll(query)).getRowObjectsJson();
await connection.run('CREATE TABLE videos AS SELECT 784912345678901235::BIGINT AS id');
const columns = { bigint: 'id', sum: 'sum(id)', any_value: 'any_value(id)', decimal: 'id::DECIMAL(38,0)' };
for (const [name, expression] of Object.entries(columns)) {
  const query = `SELECT ${expression} AS value FROM videos GROUP BY id`;
  await connection.run(`COPY (${query}) TO 'ids.parquet'`);
  await connection.run(`COPY (${query}) TO 'ids.csv'`);
  const [{ type, text }] = await rowsOf("SELECT typeof(value) AS type, value AS text FROM 'ids.parquet'");
  const [, csv] = readFileSync('ids.csv', 'utf8').split('\n');
  console.log(`${`${name}:`.padEnd(10)} parquet ${type} ${text}, csv ${csv}`);
}
process.exit();
JS
timeout 60 node write.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
