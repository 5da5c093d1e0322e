#!/usr/bin/env bash
# An id as BigInt, the type that databases and Parquet readers give: SheetJS writes an empty cell without a word.
#
# Packages: xlsx@0.18.5, exceljs@4.4.0, papaparse@5.7.1
# Guess:    like JSON.stringify it throws, or it writes the digits.
# Seen:     the cell is missing from the sheet, from workbooks and from CSV, and nothing tells. exceljs throws when the
#           row is added. Papa Parse writes the digits. (2026-11-28)
#> SheetJS, CSV:      sku,video_id LAMP-01,
#> SheetJS, workbook: sku,video_id LAMP-01,
#> exceljs:           TypeError: Do not know how to serialize a BigInt
#> Papa Parse:        sku,video_id LAMP-01,784912345678901234
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . xlsx@0.18.5 exceljs@4.4.0 papaparse@5.7.1

cat >write.mjs <<'JS'
import ExcelJS from 'exceljs';
import Papa from 'papaparse';
import XLSX from 'xlsx';
const rows = [{ sku: 'LAMP-01', video_id: 784912345678901234n }];
const inOneLine = (csv) => csv.trim().split(/\s+/).join(' ');

const book = XLSX.utils.book_new();
XLSX.utils.book_append_sheet(book, XLSX.utils.json_to_sheet(rows));
const written = XLSX.read(XLSX.write(book, { type: 'buffer', bookType: 'xlsx' }));
console.log(`SheetJS, CSV:      ${inOneLine(XLSX.utils.sheet_to_csv(book.Sheets.Sheet1))}`);
console.log(`SheetJS, workbook: ${inOneLine(XLSX.utils.sheet_to_csv(written.Sheets.Sheet1))}`);

const sheet = new ExcelJS.Workbook().addWorksheet('Sheet1');
try {
  sheet.addRow(Object.values(rows[0]));
  console.log('exceljs:           added');
} catch (error) {
  console.log(`exceljs:           ${error}`);
}
console.log(`Papa Parse:        ${inOneLine(Papa.unparse(rows))}`);
JS
node write.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
