import { createHash, type Hash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type {
  ManifestFormat,
  ManifestRow,
  ManifestShape,
} from '../../lib/core/manifest/manifest.ts';
import type { ColumnMapping } from './column-roles.ts';
import type { Delimiter } from './csv/header.ts';
import { readCsv } from './csv/read-csv.ts';
import type { DownloadOptions } from './download.ts';
import { jsonlParser } from './lines/read-jsonl.ts';
import { readLines } from './lines/read-lines.ts';
import { ManifestError } from './manifest-error.ts';
import { type InputLimits, type ManifestFile, openInput } from './open-input.ts';
import type { RawRecord } from './raw-record.ts';
import { type Container, containerOf, inflate, readBytes, toUtf8 } from './text/bytes.ts';
import { type Eol, MAX_BATCH_ROWS, MAX_RECORD_BYTES, TextWindow } from './text/window.ts';
import { type RecordLayout, type TextLayout, understand } from './understand.ts';
import { refuseOldWorkbook } from './workbook/old-workbook.ts';
import { understandWorkbook } from './workbook/read-workbook.ts';

export interface OpenManifestOptions extends DownloadOptions {
  /** Which column holds what, where its name does not say so. */
  mapping?: ColumnMapping;
  /** Detected when left out. */
  delimiter?: Delimiter;
  /** Detected when left out. */
  format?: ManifestFormat;
  /** Which sheet of a workbook; default the first that is not hidden. */
  sheet?: string;
  /** What a path's file was called where it came from; default the last part of the path. */
  fileName?: string;
  /** What `-` reads; default `process.stdin`. */
  stdin?: Readable;
  /** What else may be read; default anything, as whoever gives it reads it. */
  limits?: InputLimits;
  signal: AbortSignal;
}

/** A manifest that was understood. Closing it releases the file. */
export interface Manifest extends AsyncDisposable {
  /** Of the bytes as they came, compressed or not; lower-case hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Base name without extensions; `stdin`, or a URL's last part. */
  readonly name: string;
  /** For JSONL `columns` is complete only when all rows have been read: keys that turn up later are appended. */
  readonly shape: ManifestShape;
  /** Name of the sheet that is read; null when it is no workbook. */
  readonly sheet: string | null;
  /**
   * All rows, at most 500 at a time, in constant memory, as fast as they are taken. May be called again, also at the same
   * time; each call reads from the start.
   * @throws ManifestError `changed` after the last row, when these were not the bytes that `sha256` tells;
   * `gzip_broken` when they could not be read again.
   */
  rows(): AsyncGenerator<ManifestRow[]>;
}

/**
 * Opens a path, an http(s) URL, or `-`, and reads it once: for its sha-256, and to see that a gzip is whole. Everything
 * that is wrong with a manifest as a whole is found here, before its first row is handed out.
 * @throws ManifestError; the signal's reason when aborted.
 */
export async function openManifest(input: string, options: OpenManifestOptions): Promise<Manifest> {
  const { signal } = options;
  const file = await openInput(input, {
    stdin: options.stdin ?? process.stdin,
    ...(options.fileName !== undefined && { fileName: options.fileName }),
    ...(options.guard && { guard: options.guard }),
    ...(options.limits && { limits: options.limits }),
    ...(options.findProxy && { findProxy: options.findProxy }),
    signal,
  });
  try {
    const source: Source = { ...file, ...(await surveyFile(file, signal)), signal };
    const content = await understandContent(source, options);
    await refuseNoRows(source, content);
    return {
      sha256: source.sha256,
      sizeBytes: source.sizeBytes,
      name: source.name,
      shape: content.layout.shape,
      sheet: content.sheet,
      rows: () => readRows(source, content),
      [Symbol.asyncDispose]: () => file.handle.close(),
    };
  } catch (error) {
    await file.handle.close();
    throw error;
  }
}

interface Survey {
  sha256: string;
  sizeBytes: number;
  container: Container;
}

type Source = ManifestFile & Survey & { signal: AbortSignal };

/** What has been read of the file's own bytes. */
interface Seen {
  hash: Hash;
  sizeBytes: number;
}

/** A manifest's records and what their cells are. */
interface Content {
  layout: RecordLayout;
  sheet: string | null;
  /** Each call reads from the start. What it reads of the file one byte after the other is added to `seen`. */
  records(seen: Seen): AsyncGenerator<RawRecord[]>;
}

async function surveyFile(file: ManifestFile, signal: AbortSignal): Promise<Survey> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  let container: Container = 'none';
  for await (const chunk of readBytes(file.handle, signal)) {
    if (sizeBytes === 0) container = containerOf(chunk);
    hash.update(chunk);
    sizeBytes += chunk.length;
  }
  return { sha256: hash.digest('hex'), sizeBytes, container };
}

async function understandContent(source: Source, options: OpenManifestOptions): Promise<Content> {
  const { label } = source;
  const mapping = options.mapping ?? {};
  const { format, sheet, delimiter } = options;
  if (source.container === 'ole') await refuseOldWorkbook(source);
  if (source.container === 'zip') {
    if (format !== undefined && format !== 'xlsx') throw notThatFormat(label, 'a workbook', format);
    const workbook = await understandWorkbook(source, {
      mapping,
      ...(sheet !== undefined && { sheet }),
    });
    return { ...workbook, sheet: workbook.sheetName };
  }
  if (format === 'xlsx') throw notThatFormat(label, 'no workbook', format);
  if (sheet !== undefined) {
    throw new ManifestError(
      'unknown_sheet',
      `${label} is no workbook and has no sheets; leave out --sheet.`,
    );
  }
  await checkGzip(source);
  const layout = understand(await readHead(source), {
    label,
    mapping,
    ...(delimiter && { delimiter }),
    ...(format && { format }),
  });
  return { layout, sheet: null, records: (seen) => readText(source, layout, seen) };
}

function notThatFormat(label: string, what: string, format: ManifestFormat): ManifestError {
  return new ManifestError(
    'unsupported_format',
    `${label} is ${what}; leave out --format ${format} to have its format detected.`,
  );
}

/** Inflates all of it, so that a cut file is found before any of its rows is used. */
async function checkGzip(source: Source): Promise<void> {
  if (source.container !== 'gzip') return;
  const inflated = inflate(readBytes(source.handle, source.signal), source);
  while (!(await inflated.next()).done);
}

async function readHead(source: Source): Promise<Buffer> {
  await using text = openText(source, readBytes(source.handle, source.signal));
  await text.fill(MAX_RECORD_BYTES);
  return text.bytes;
}

async function refuseNoRows(source: Source, content: Content): Promise<void> {
  for await (const _ of readRows(source, content)) return;
  throw new ManifestError(
    'no_rows',
    `${source.label} has a header and no rows; nothing to import.`,
  );
}

function openText(source: Source, bytes: AsyncGenerator<Buffer>, eol: Eol = '\n'): TextWindow {
  return new TextWindow(toUtf8(source.container === 'gzip' ? inflate(bytes, source) : bytes), eol);
}

async function* readRows(source: Source, content: Content): AsyncGenerator<ManifestRow[]> {
  const seen: Seen = { hash: createHash('sha256'), sizeBytes: 0 };
  let row = 1;
  for await (const records of content.records(seen)) {
    for (let from = 0; from < records.length; from += MAX_BATCH_ROWS) {
      const batch = records.slice(from, from + MAX_BATCH_ROWS);
      yield batch.map((record) => toRow(record, row++, content.layout));
    }
  }
  await refuseChanged(source, seen);
}

async function* readText(
  source: Source,
  layout: TextLayout,
  seen: Seen,
): AsyncGenerator<RawRecord[]> {
  await using text = openText(source, observeBytes(source, seen), layout.eol);
  await text.fill(layout.dataOffsetBytes);
  text.drop(layout.dataOffsetBytes);
  yield* readRecords(text, layout);
}

async function* observeBytes(source: Source, seen: Seen): AsyncGenerator<Buffer> {
  for await (const chunk of readBytes(source.handle, source.signal)) {
    seen.hash.update(chunk);
    seen.sizeBytes += chunk.length;
    yield chunk;
  }
}

function readRecords(text: TextWindow, layout: TextLayout): AsyncGenerator<RawRecord[]> {
  const { shape, eol } = layout;
  switch (shape.format) {
    case 'csv':
      return readCsv(text, {
        delimiter: shape.delimiter ?? ',',
        eol,
        firstLine: layout.dataLine,
        headerCells: layout.headerCells,
      });
    case 'jsonl':
      return readLines(text, eol, jsonlParser(shape.columns));
    case 'list':
      return readLines(text, eol, (content, line) => ({ line, cells: [content] }));
  }
}

function toRow(record: RawRecord, row: number, layout: RecordLayout): ManifestRow {
  const { ownCells, headerCells } = layout;
  if (ownCells === null) return { row, ...record };
  const { cells } = record;
  const own = ownCells.filter((index) => index < cells.length).map((index) => cells[index] ?? '');
  return { row, ...record, cells: [...own, ...cells.slice(headerCells)] };
}

/** Inflating does not read what follows the end of gzip data, nor a workbook from front to back: then the file is read once more. */
async function refuseChanged(source: Source, seen: Seen): Promise<void> {
  const isComplete = seen.sizeBytes === source.sizeBytes;
  const sha256 = isComplete
    ? seen.hash.digest('hex')
    : (await surveyFile(source, source.signal)).sha256;
  if (sha256 === source.sha256) return;
  throw new ManifestError(
    'changed',
    `${source.label} changed while it was read; import it again when nothing writes to it any more.`,
  );
}
