import { isUtf8 } from 'node:buffer';
import { BATCH_COLUMN, isKlingColumn } from '../../lib/core/manifest/kling-columns.ts';
import type { ManifestFormat, ManifestShape } from '../../lib/core/manifest/manifest.ts';
import { assignRoles, type ColumnMapping } from './column-roles.ts';
import { type Delimiter, readCsvHeader } from './csv/header.ts';
import { jsonlParser } from './lines/read-jsonl.ts';
import { ManifestError } from './manifest-error.ts';
import type { Eol } from './text/window.ts';

const TEXT_FORMATS = ['csv', 'tsv', 'jsonl', 'list'] as const;
export type TextFormat = (typeof TEXT_FORMATS)[number];

export const isTextFormat = (format: ManifestFormat | undefined): format is TextFormat =>
  TEXT_FORMATS.some((known) => known === format);

export interface UnderstandOptions {
  label: string;
  mapping: ColumnMapping;
  /** If given, it is not detected. */
  delimiter?: Delimiter;
  /** If given, it is not detected. */
  format?: TextFormat;
}

/** The meaning of the cells in a record. */
export interface RecordLayout {
  shape: ManifestShape;
  /** Cells of a header, `kling_*` included; 1 for formats without one. */
  headerCells: number;
  /** The positions of the user's cells in a record; null for all. */
  ownCells: number[] | null;
  /** Which cell of a record names the batch that the file is a report of; null for none. */
  batchCell: number | null;
  /** Sentences about the file that people should know. */
  notes: readonly string[];
}

/** How to read a manifest's text. */
export interface TextLayout extends RecordLayout {
  eol: Eol;
  /** Where the first data record begins, in bytes of UTF-8 after the byte order mark. */
  dataOffsetBytes: number;
  dataLine: number;
}

/** Lines of a JSONL manifest that are read to find its keys. */
const SAMPLE_LINES = 1000;
const FIRST_LINE_BYTES = 4096;

/** The replacement for bytes that are not UTF-8; keys that contain it would not be the user's names. */
const REPLACEMENT = '\ufffd';

/**
 * Detects format, delimiter, columns and their roles from the beginning of a manifest's text.
 * @throws ManifestError when it cannot be a manifest.
 */
export function understand(head: Buffer, options: UnderstandOptions): TextLayout {
  const eol = eolOf(head);
  const start = head.toString('utf8', 0, FIRST_LINE_BYTES).trimStart();
  if (start === '' && head.toString('utf8').trim() === '') {
    throw new ManifestError('empty', `${options.label} is empty; nothing to import.`);
  }
  refuseOtherFormats(start, options.label);
  const format = options.format ?? detectFormat(start, options);
  switch (format) {
    case 'csv':
      return understandCsv(head, eol, options);
    case 'tsv':
      return understandCsv(head, eol, { ...options, delimiter: '\t' });
    case 'jsonl':
      return understandJsonl(head, eol, options);
    case 'list':
      return understandList(eol, options);
  }
}

/** CR as Excel for the Mac writes it, which still breaks lines within a cell by LF; otherwise LF, or CR LF. */
function eolOf(head: Buffer): Eol {
  const at = head.indexOf('\r');
  if (at < 0 || head[at + 1] === 0x0a) return '\n';
  const before = head.toString('latin1', 0, at);
  const isInCell = before.split('"').length % 2 === 0;
  return before.includes('\n') || isInCell ? '\n' : '\r';
}

/** JSONL begins with `{`; a list has no header, so it begins with a URL; anything else is CSV. */
function detectFormat(start: string, options: UnderstandOptions): TextFormat {
  if (options.delimiter !== undefined) return 'csv';
  if (start.startsWith('{')) return 'jsonl';
  const isVideoThenMore = /^https?:\/\/[^,;|"\s]*\.(mp4|mov)[,;\t|]/i.test(start);
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(start) && !isVideoThenMore ? 'list' : 'csv';
}

function refuseOtherFormats(start: string, label: string): void {
  if (start.startsWith('PK\u0003\u0004')) {
    throw new ManifestError(
      'unsupported_format',
      `${label} is a compressed workbook or ZIP archive; decompress it and import that.`,
    );
  }
  if (/^\[\s*(\{|$)/.test(start)) {
    throw new ManifestError(
      'unsupported_format',
      `${label} is a JSON array; write one object per line (JSONL), without brackets and commas around them.`,
    );
  }
}

function understandCsv(head: Buffer, eol: Eol, options: UnderstandOptions): TextLayout {
  const header = readCsvHeader(head, { ...options, eol });
  if (!isUtf8(head.subarray(0, header.dataOffsetBytes))) {
    throw new ManifestError(
      'bad_header',
      `The header of ${options.label} is not valid UTF-8; save the file as UTF-8 ("CSV UTF-8" in a spreadsheet) and import it again.`,
    );
  }
  return {
    ...layoutHeader(header.cells, header.delimiter, options),
    notes: header.notes,
    eol,
    dataOffsetBytes: header.dataOffsetBytes,
    dataLine: header.dataLine,
  };
}

/** @throws ManifestError when no column, or no single one, identifies the video of a row. */
export function layoutHeader(
  cells: string[],
  delimiter: string,
  options: Pick<UnderstandOptions, 'label' | 'mapping'>,
): RecordLayout {
  const own = cells.flatMap((name, index) => (isKlingColumn(name) ? [] : [index]));
  const columns = own.map((index) => cells[index] ?? '');
  const roles = assignRoles(columns, options.mapping, options.label);
  return {
    shape: { format: 'csv', delimiter, columns, roles },
    headerCells: cells.length,
    ownCells: own.length === cells.length ? null : own,
    batchCell: batchCellOf(cells),
    notes: [],
  };
}

function understandJsonl(head: Buffer, eol: Eol, options: UnderstandOptions): TextLayout {
  const columns: string[] = [];
  const parseLine = jsonlParser(columns);
  const lines = head.toString('utf8').split(eol).slice(0, SAMPLE_LINES);
  for (const [index, line] of lines.entries()) {
    if (!line.includes(REPLACEMENT)) parseLine(line, index + 1);
  }
  if (columns.length === 0) {
    throw new ManifestError(
      'unsupported_format',
      `None of the first lines of ${options.label} is a JSON object; write one complete object per line (JSONL).`,
    );
  }
  const roles = assignRoles(columns, options.mapping, options.label);
  return oneCellLayout({ format: 'jsonl', delimiter: null, columns, roles }, eol);
}

function understandList(eol: Eol, options: UnderstandOptions): TextLayout {
  const columns = ['video_url'];
  const roles = assignRoles(columns, options.mapping, options.label);
  return oneCellLayout({ format: 'list', delimiter: null, columns, roles }, eol);
}

function oneCellLayout(shape: ManifestShape, eol: Eol): TextLayout {
  return {
    shape,
    eol,
    dataOffsetBytes: 0,
    dataLine: 1,
    headerCells: 1,
    ownCells: null,
    batchCell: null,
    notes: [],
  };
}

function batchCellOf(cells: readonly string[]): number | null {
  const at = cells.findIndex((name) => name.trim().toLowerCase() === BATCH_COLUMN);
  return at < 0 ? null : at;
}
