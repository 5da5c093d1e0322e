#!/usr/bin/env bash
# SheetJS reads an id of 18 digits from a CSV, and gives the same cell as two different ids.
#
# Packages: xlsx@0.18.5
# Guess:    the id is rounded to a double wherever it comes out, or nowhere.
# Seen:     the cell keeps the text it was read from beside the rounded number. To CSV it writes the text, to JSON and
#           into a workbook the number. A script that is tried out with CSV loses the ids on the day its output
#           becomes a workbook. (2026-11-28)
#> to CSV:                  784912345678901234
#> to JSON:                 784912345678901200
#> to a workbook:           784912345678901200
#> to a workbook, then CSV: 7.84912E+17
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . xlsx@0.18.5

cat >convert.mjs <<'JS'
import XLSX from 'xlsx';
const book = XLSX.read('video_id\n784912345678901234\n', { type: 'string' });
const sheet = book.Sheets[book.SheetNames[0]];
const firstRow = (csv) => csv.split('\n')[1];
const written = XLSX.read(XLSX.write(book, { type: 'buffer', bookType: 'xlsx' }));
const writtenSheet = written.Sheets[written.SheetNames[0]];
console.log(`to CSV:                  ${firstRow(XLSX.utils.sheet_to_csv(sheet))}`);
console.log(`to JSON:                 ${XLSX.utils.sheet_to_json(sheet)[0].video_id}`);
console.log(`to a workbook:           ${writtenSheet.A2.v}`);
console.log(`to a workbook, then CSV: ${firstRow(XLSX.utils.sheet_to_csv(writtenSheet))}`);
JS
node convert.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
