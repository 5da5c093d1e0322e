#!/usr/bin/env bash
# One row of `pg`, six CSV writers: three kinds of times, two of `false`, and [object Object] for JSON.
#
# Packages: csv-stringify@6.9.0, fast-csv@5.0.8, csv-writer@1.6.0, papaparse@5.7.1, d3-dsv@3.0.1,
#           json2csv@6.0.0-alpha.2
# Guess:    they write what JSON.stringify writes: ISO 8601 for a Date, `true` and `false`, and JSON for an object.
# Seen:     csv-stringify writes milliseconds for the Date, 1 for true and an empty cell for false, which then looks
#           like null. fast-csv and csv-writer write the words of `String(date)`: the machine's zone, no milliseconds.
#           For an object, such as a column of type jsonb, four of six write [object Object], and no writer fails.
#           (2026-11-29)
#> csv-stringify: 1795727647901 | 1 | (empty) | {"sku":"007"}
#> fast-csv:      Fri Nov 27 2026 05:14:07 GMT+0800 (China Standard Time) | true | false | [object Object]
#> csv-writer:    Fri Nov 27 2026 05:14:07 GMT+0800 (China Standard Time) | true | false | [object Object]
#> papaparse:     2026-11-26T21:14:07.901Z | true | false | [object Object]
#> d3-dsv:        2026-11-26T21:14:07.901Z | true | false | [object Object]
#> json2csv:      2026-11-26T21:14:07.901Z | true | false | {"sku":"007"}
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . csv-stringify@6.9.0 fast-csv@5.0.8 csv-writer@1.6.0 \
  papaparse@5.7.1 d3-dsv@3.0.1 json2csv@6.0.0-alpha.2

cat >write.mjs <<'JS'
import { stringify } from 'csv-stringify/sync';
import csvWriter from 'csv-writer';
import { csvFormat, csvParse } from 'd3-dsv';
import fastCsv from 'fast-csv';
import json2csv from 'json2csv';
import Papa from 'papaparse';

const row = { expires_at: new Date('2026-11-26T21:14:07.901Z'), ok: true, duplicate: false, cells: { sku: '007' } };
const header = Object.keys(row).map((name) => ({ id: name, title: name }));
const byWriter = csvWriter.createObjectCsvStringifier({ header });
const written = {
  'csv-stringify': stringify([row], { header: true }),
  'fast-csv': await fastCsv.writeToString([row], { headers: true }),
  'csv-writer': byWriter.getHeaderString() + byWriter.stringifyRecords([row]),
  papaparse: Papa.unparse([row]),
  'd3-dsv': csvFormat([row]),
  json2csv: new json2csv.Parser().parse([row]),
};
for (const [name, csv] of Object.entries(written)) {
  const [cells] = csvParse(csv);
  const shown = Object.keys(row).map((column) => cells[column] || '(empty)');
  console.log(`${`${name}:`.padEnd(14)} ${shown.join(' | ')}`);
}
JS
TZ=Asia/Shanghai node write.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
