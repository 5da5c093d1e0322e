#!/usr/bin/env bash
# csv-parse finds out the line end once: CRLF after LF leaves an invisible `\r` in the last cell, LF after CRLF is an error.
#
# Packages: csv-parse@7.0.3, papaparse@5.7.1, fast-csv@5.0.8, d3-dsv@3.0.1
# Guess:    a parser that finds line ends out by itself takes each as it comes, so a file with both, as appending on
#           two systems makes it, reads like any other.
# Seen:     with LF first csv-parse gives `784912345678905678\r` and no error; with CRLF first it refuses the file for
#           a record of 3 columns. Papa Parse leaves the `\r` too, and with CRLF first makes two rows into one without
#           an error. fast-csv and d3-dsv take both. (2026-11-28)
#> csv-parse,  LF first:   ["784912345678905678\r","784912345678905679"]
#> csv-parse,  CRLF first: CSV_RECORD_INCONSISTENT_COLUMNS
#> Papa Parse, LF first:   ["784912345678905678\r","784912345678905679"]
#> Papa Parse, CRLF first: ["784912345678905678\n2"]
#> fast-csv,   LF first:   ["784912345678905678","784912345678905679"]
#> fast-csv,   CRLF first: ["784912345678905678","784912345678905679"]
#> d3-dsv,     LF first:   ["784912345678905678","784912345678905679"]
#> d3-dsv,     CRLF first: ["784912345678905678","784912345678905679"]
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . csv-parse@7.0.3 papaparse@5.7.1 fast-csv@5.0.8 d3-dsv@3.0.1

cat >parse.mjs <<'JS'
import { parse } from 'csv-parse/sync';
import { csvParse } from 'd3-dsv';
import { parseString } from 'fast-csv';
import Papa from 'papaparse';
const files = {
  'LF first:': 'video_id,task_id\n1,784912345678905678\r\n2,784912345678905679\n',
  'CRLF first:': 'video_id,task_id\r\n1,784912345678905678\n2,784912345678905679\r\n',
};
const parsers = {
  'csv-parse,': (csv) => parse(csv, { columns: true }),
  'Papa Parse,': (csv) => Papa.parse(csv, { header: true, skipEmptyLines: true }).data,
  'fast-csv,': (csv) => parseString(csv, { headers: true }).toArray(),
  'd3-dsv,': (csv) => csvParse(csv),
};
for (const [parser, read] of Object.entries(parsers)) {
  for (const [file, csv] of Object.entries(files)) {
    let seen;
    try {
      seen = JSON.stringify((await read(csv)).map(({ task_id }) => task_id));
    } catch (error) {
      seen = error.code ?? error.message;
    }
    console.log(`${parser.padEnd(11)} ${file.padEnd(11)} ${seen}`);
  }
}
JS
node parse.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
