#!/usr/bin/env bash
# A name in Japanese with its reading above it: exceljs' streaming reader gives the reading, its other reader the name.
#
# Packages: exceljs@4.4.0, read-excel-file@9.3.17, fflate@0.8.2
# Guess:    the reading (furigana), which Excel stores beside each text that was typed with a Japanese keyboard, is
#           not part of the cell's value; both readers of one library agree on that.
# Seen:     `WorkbookReader` returns the reading in place of the text: トウキョウ for 東京. `Workbook.xlsx.readFile` returns
#           the text. Names, and header cells, change when a script goes over to streaming. (2026-11-28)
#> exceljs, whole:     東京
#> exceljs, streaming: トウキョウ
#> read-excel-file:    東京
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . exceljs@4.4.0 read-excel-file@9.3.17 fflate@0.8.2

cat >read.mjs <<'JS'
import { readFileSync, writeFileSync } from 'node:fs';
import ExcelJS from 'exceljs';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import * as readExcelFile from 'read-excel-file/node';

// A workbook as exceljs writes it, with the reading that Excel puts behind a text in its list of texts.
const book = new ExcelJS.Workbook();
book.addWorksheet('clips').addRow(['東京']);
await book.xlsx.writeFile('plain.xlsx');
const parts = unzipSync(readFileSync('plain.xlsx'));
const texts = strFromU8(parts['xl/sharedStrings.xml']);
const withReading = texts.replace('</t></si>', '</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh><phoneticPr fontId="1"/></si>');
writeFileSync('names.xlsx', zipSync({ ...parts, 'xl/sharedStrings.xml': strToU8(withReading) }));

const whole = new ExcelJS.Workbook();
await whole.xlsx.readFile('names.xlsx');
console.log(`exceljs, whole:     ${whole.worksheets[0].getCell('A1').value}`);
for await (const sheet of new ExcelJS.stream.xlsx.WorkbookReader('names.xlsx', {})) {
  for await (const row of sheet) console.log(`exceljs, streaming: ${row.getCell(1).value}`);
}
const [{ data }] = await readExcelFile.default('names.xlsx');
console.log(`read-excel-file:    ${data[0][0]}`);
JS
timeout 60 node read.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
