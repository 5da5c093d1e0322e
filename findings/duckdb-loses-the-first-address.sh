#!/usr/bin/env bash
# DuckDB: `read_csv` takes the first address of a list for its header, and a table whose rows end early for one column.
#
# Packages: @duckdb/node-api@1.5.6-r.1
# Guess:    an address is no name of a column, so a list of addresses has no header. A row that ends before the last
#           column, as Excel writes it where the last cells are empty, has nulls there, or is an error.
# Seen:     where all columns are text, the first row is the header: of three addresses two are left. With short rows
#           the comma is no delimiter for it any more: one column, called `sku,video_url,note`, and no error. A code
#           such as 12e45 becomes a number. `header = false`, `null_padding = true` and `all_varchar = true` read them
#           right. (2026-11-29)
#> a list of 3 addresses: 2 rows, columns "https://c.example/1.mp4"
#> header = false:        3 rows, columns "column0"
#> rows that end early:   2 rows, columns "sku,video_url,note"
#> null_padding = true:   2 rows, columns "sku" "video_url" "note"
#> codes 12e45 and 9d2f0: 12e45 9d2f0
#> codes 12e45 and 13e45: 1.2e+46 1.3e+46
#> all_varchar = true:    12e45 13e45
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . @duckdb/node-api@1.5.6-r.1

printf 'https://c.example/%s.mp4\n' 1 2 3 >list.csv
printf '%s\n' sku,video_url,note LAMP,https://c.example/1.mp4 SOFA,https://c.example/2.mp4,new >short.csv
printf '%s\n' sku,code LAMP,12e45 SOFA,9d2f0 >texts.csv
printf '%s\n' sku,code LAMP,12e45 SOFA,13e45 >codes.csv
cat >read.mjs <<'JS'
import { DuckDBInstance } from '@duckdb/node-api';

const connection = await (await DuckDBInstance.create(':memory:')).connect();
const read = async (file, option = '') => connection.runAndReadAll(`SELECT * FROM read_csv('${file}'${option && `, ${option}`})`);
const print = (name, text) => console.log(`${`${name}:`.padEnd(22)} ${text}`);

async function shape(name, ...source) {
  const result = await read(...source);
  print(name, `${result.getRowsJson().length} rows, columns ${result.columnNames().map((column) => `"${column}"`).join(' ')}`);
}
async function codes(name, ...source) {
  print(name, (await read(...source)).getRowsJson().map(([, code]) => code).join(' '));
}
await shape('a list of 3 addresses', 'list.csv');
await shape('header = false', 'list.csv', 'header = false');
await shape('rows that end early', 'short.csv');
await shape('null_padding = true', 'short.csv', 'null_padding = true');
await codes('codes 12e45 and 9d2f0', 'texts.csv');
await codes('codes 12e45 and 13e45', 'codes.csv');
await codes('all_varchar = true', 'codes.csv', 'all_varchar = true');
JS
node read.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
