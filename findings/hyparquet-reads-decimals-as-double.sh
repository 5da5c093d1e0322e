#!/usr/bin/env bash
# hyparquet: an id in a DECIMAL column without decimals is read as floating point, beside BIGINT columns that are exact.
#
# Packages: hyparquet@1.33.0, @duckdb/node-api@1.5.4-r.1 (writes the file, and reads it for comparison)
# Guess:    who gives a BigInt for an integer of 64 bits does so, or gives text, for a DECIMAL(18,0), which databases make of ids.
# Seen:     BIGINT comes as a BigInt, every digit of it; DECIMAL(18,0) and DECIMAL(38,0) as a JavaScript number with other
#           last digits. DuckDB reads all of them exactly. (2026-11-29)
#> BIGINT:        hyparquet 784912345678901235n, DuckDB 784912345678901235
#> DECIMAL(18,0): hyparquet 784912345678901200, DuckDB 784912345678901235
#> DECIMAL(38,0): hyparquet 784912345678901200, DuckDB 784912345678901235
#> VARCHAR:       hyparquet '784912345678901235', DuckDB 784912345678901235
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . hyparquet@1.33.0 @duckdb/node-api@1.5.4-r.1

cat >read.mjs <<'JS'
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { parquetReadObjects } from 'hyparquet';
const instance = await DuckDBInstance.create(':memory:');
const connection = await instance.connect();
for (const type of ['BIGINT', 'DECIMAL(18,0)', 'DECIMAL(38,0)', 'VARCHAR']) {
  await connection.run(`COPY (SELECT 784912345678901235::BIGINT::${type} AS id) TO 'ids.parquet'`);
  const bytes = readFileSync('ids.parquet');
  const [{ id }] = await parquetReadObjects({ file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) });
  const [row] = (await connection.runAndReadAll("SELECT id::VARCHAR AS id FROM 'ids.parquet'")).getRowObjectsJson();
  console.log(`${`${type}:`.padEnd(14)} hyparquet ${inspect(id)}, DuckDB ${row.id}`);
}
process.exit();
JS
timeout 60 node read.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
