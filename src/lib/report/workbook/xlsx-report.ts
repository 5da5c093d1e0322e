import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import type { ManifestShape } from '../../core/manifest/manifest.ts';
import { KLING_COLUMNS } from '../kling-values.ts';
import { ReportError } from '../report-error.ts';
import type { FileFormatter, ReportLine, ReportOptions } from '../report-formatter.ts';
import { type SheetXml, sheetXml } from './sheet-xml.ts';
import {
  CONTENT_TYPES,
  ROOT_RELATIONS,
  STYLES_XML,
  WORKBOOK_RELATIONS,
  workbookXml,
} from './workbook-parts.ts';

/** The most rows of a sheet, without its header. */
const MAX_ROWS = 1_048_575;
const MAX_COLUMNS = 16_384;

/** The date of each part; the earliest that a ZIP archive can hold, so that the same report gives the same bytes. */
const PART_TIME = new Date(1980, 0, 1);

/**
 * A report for people: a workbook with one sheet, a frozen header, filters and coloured statuses. Cells are text and
 * so cannot be formulas, whatever `escapesOwnCells` says.
 * @throws ReportError when `options.rows` or the columns exceed what a sheet can hold.
 */
export function xlsxReport(shape: ManifestShape, options: ReportOptions): FileFormatter {
  const ownCount = Math.max(shape.columns.length, options.maxCells ?? 0);
  refuseTooWide(ownCount + KLING_COLUMNS.length);
  refuseTooLong(options.rows ?? 0);
  return { encode: (entries) => zipWorkbook(sheetXml(shape, ownCount), entries) };
}

async function* zipWorkbook(
  sheet: SheetXml,
  entries: AsyncIterable<readonly ReportLine[]>,
): AsyncGenerator<Buffer> {
  const zip = new ZipFile();
  const output = zip.outputStream as Readable;
  const sources: Readable[] = [];
  let lastRow = 1;
  const addText = (name: string, text: string): void =>
    zip.addBuffer(Buffer.from(text), name, { mtime: PART_TIME });
  const addStream = (name: string, chunks: AsyncIterable<Buffer>): void => {
    const stream = Readable.from(chunks, { objectMode: false });
    stream.on('error', (error) => output.destroy(error));
    sources.push(stream);
    zip.addReadStream(stream, name, { mtime: PART_TIME });
  };
  addText('[Content_Types].xml', CONTENT_TYPES);
  addText('_rels/.rels', ROOT_RELATIONS);
  addText('xl/_rels/workbook.xml.rels', WORKBOOK_RELATIONS);
  addText('xl/styles.xml', STYLES_XML);
  addStream('xl/worksheets/sheet1.xml', writeSheet());
  // Read after the sheet, when its last row is known.
  addStream('xl/workbook.xml', writeWorkbook());
  zip.end();
  try {
    yield* output as AsyncIterable<Buffer>;
  } finally {
    for (const source of sources) source.destroy();
  }

  async function* writeSheet(): AsyncGenerator<Buffer> {
    yield Buffer.from(sheet.start);
    for await (const batch of entries) {
      refuseTooLong(lastRow - 1 + batch.length);
      yield Buffer.from(batch.map((entry) => sheet.row(entry, ++lastRow)).join(''));
    }
    yield Buffer.from(sheet.end(lastRow));
  }

  async function* writeWorkbook(): AsyncGenerator<Buffer> {
    yield Buffer.from(workbookXml(sheet.lastColumn, lastRow));
  }
}

function refuseTooLong(rows: number): void {
  if (rows <= MAX_ROWS) return;
  throw new ReportError(
    'too_many_rows',
    `A spreadsheet holds ${MAX_ROWS} rows and this report has more; use --format csv, or fewer rows with --status.`,
  );
}

function refuseTooWide(columns: number): void {
  if (columns <= MAX_COLUMNS) return;
  throw new ReportError(
    'too_many_columns',
    `A spreadsheet holds ${MAX_COLUMNS} columns and this report has ${columns}; use --format csv.`,
  );
}
