#!/usr/bin/env bash
# A workbook whose XML names carry a prefix, as .NET programs write them: one reader finds no rows, two fail.
#
# Packages: exceljs@4.4.0, xlsx@0.18.5, xlsx-populate@1.21.0, xlsx-stream-reader@1.1.1, read-excel-file@9.3.17,
#           fflate@0.8.2
# Guess:    `<x:row>` with `xmlns:x` is the same as `<row>` with `xmlns`, and readers of .xlsx use a parser of XML
#           that knows it.
# Seen:     they compare names as text. xlsx-stream-reader ends without a row and without an error; exceljs and
#           xlsx-populate fail with a TypeError; SheetJS and read-excel-file read it. Microsoft's own Open XML SDK
#           writes such prefixes, so reports of servers have them. (2026-11-28)
#> exceljs:            TypeError
#> SheetJS:            2 rows
#> xlsx-populate:      TypeError
#> read-excel-file:    2 rows
#> xlsx-stream-reader: 0 rows
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . exceljs@4.4.0 xlsx@0.18.5 xlsx-populate@1.21.0 \
  xlsx-stream-reader@1.1.1 read-excel-file@9.3.17 fflate@0.8.2

cat >read.mjs <<'JS'
import { createReadStream, readFileSync, writeFileSync } from 'node:fs';
import ExcelJS from 'exceljs';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import * as readExcelFile from 'read-excel-file/node';
import XLSX from 'xlsx';
import XlsxPopulate from 'xlsx-populate';
import XlsxStreamReader from 'xlsx-stream-reader';

// SheetJS writes a workbook; then each name of the spreadsheet's own vocabulary gets the prefix, which changes nothing.
const book = XLSX.utils.book_new();
XLSX.utils.book_append_sheet(book, XLSX.utils.aoa_to_sheet([['sku', 'video_url'], ['LAMP-01', 'https://media.example.com/lamp.mp4']]), 'clips');
const parts = unzipSync(new Uint8Array(XLSX.write(book, { type: 'buffer', bookType: 'xlsx', bookSST: true })));
const vocabulary = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
for (const [name, bytes] of Object.entries(parts)) {
  const text = strFromU8(bytes);
  if (!text.includes(`xmlns="${vocabulary}"`)) continue;
  const prefixed = text.replace(/<(\/?)([a-z]\w*)(?=[\s>/])/gi, '<$1x:$2').replace(`xmlns="${vocabulary}"`, `xmlns:x="${vocabulary}"`);
  parts[name] = strToU8(prefixed);
}
writeFileSync('clips.xlsx', zipSync(parts));

const readers = {
  async exceljs() {
    const workbook = new ExcelJS.Workbook();
    await workbook.xlsx.readFile('clips.xlsx');
    return workbook.worksheets[0].rowCount;
  },
  async SheetJS() {
    const { Sheets, SheetNames } = XLSX.read(readFileSync('clips.xlsx'));
    return XLSX.utils.sheet_to_json(Sheets[SheetNames[0]], { header: 1 }).length;
  },
  'xlsx-populate': async () => (await XlsxPopulate.fromFileAsync('clips.xlsx')).sheet(0).usedRange().value().length,
  'read-excel-file': async () => (await readExcelFile.default('clips.xlsx'))[0].data.length,
  'xlsx-stream-reader': () => new Promise((resolve, reject) => {
    let rows = 0;
    const workbook = new XlsxStreamReader();
    workbook.on('error', reject).on('end', () => resolve(rows));
    workbook.on('worksheet', (sheet) => { sheet.on('row', () => { rows += 1; }); sheet.process(); });
    createReadStream('clips.xlsx').pipe(workbook);
  }),
};
for (const [name, read] of Object.entries(readers)) {
  const outcome = await read().then((rows) => `${rows} rows`, (error) => error.name);
  console.log(`${`${name}:`.padEnd(19)} ${outcome}`);
}
JS
timeout 60 node read.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
