import { createHash } from 'node:crypto';
import type {
  ManifestContainer,
  ManifestFormat,
  ManifestRow,
  ManifestShape,
} from '../../lib/core/manifest/manifest.ts';
import {
  aboutDamage,
  type IdDamage,
  IdSurvey,
  judgeIdColumns,
} from '../../lib/core/manifest/rounded-ids.ts';
import type { KeyColumns } from '../../lib/rows/row-key.ts';
import type { ColumnMapping } from './column-roles.ts';
import type { Delimiter } from './csv/header.ts';
import { readCsv } from './csv/read-csv.ts';
import type { DownloadOptions } from './download.ts';
import { hasForeignSources } from './foreign-text.ts';
import { jsonlParser } from './lines/read-jsonl.ts';
import { readLines } from './lines/read-lines.ts';
import { ManifestError } from './manifest-error.ts';
import { idsOf, markDamage } from './mark-damage.ts';
import { isBlank, numberRow } from './number-row.ts';
import { type InputLimits, type ManifestInput, openInput } from './open-input.ts';
import { isFlatOpenDocument } from './opendocument/open-tables.ts';
import { refuseOtherFiles } from './other-files.ts';
import type { RawRecord } from './raw-record.ts';
import { notThatFormat, refuseFileOptions, refuseSheets } from './refuse-options.ts';
import {
  checkGzip,
  encodingOf,
  inflated,
  observeBytes,
  openText,
  readHead,
  type Seen,
  type Source,
  surveyFile,
} from './source.ts';
import { readBytes } from './text/bytes.ts';
import { aboutEncoding } from './text/encoding.ts';
import { MAX_BATCH_ROWS, type TextWindow } from './text/window.ts';
import { isTextFormat, type RecordLayout, type TextLayout, understand } from './understand.ts';
import type { SheetOptions, WorkbookManifest } from './workbook/choose-sheets.ts';
import { refuseOldWorkbook } from './workbook/old-workbook.ts';
import { understandFlat, understandWorkbook } from './workbook/read-workbook.ts';

export interface OpenManifestOptions extends DownloadOptions {
  /** The column of each role, if its name does not show it. */
  mapping?: ColumnMapping;
  /** Detected when left out. */
  delimiter?: Delimiter;
  /** Detected when left out. */
  format?: ManifestFormat;
  /** Which sheet of a workbook, or `all`; default the first that is not hidden. */
  sheet?: string;
  /** Leaves out the hidden rows of a workbook. */
  skipsHidden?: boolean;
  /** The columns whose values tell rows apart: in them no encoding is assumed. */
  key?: KeyColumns;
  /** The original name of a path's file; default the last part of the path. */
  fileName?: string;
  /** Limits on what may be read; default none, because the caller is the reader. */
  limits?: InputLimits;
  signal: AbortSignal;
}

/** A parsed manifest. Closing it releases the file. */
export interface Manifest extends AsyncDisposable {
  /** Digest of the original bytes, compressed or not; lower-case hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
  /** For people: last part of the path or URL, or the name of the stream. */
  readonly fileName: string;
  /** The same without extensions. */
  readonly name: string;
  /** For JSONL, `columns` is complete only after all rows were read: later keys are appended. */
  readonly shape: ManifestShape;
  /** What the file is. The shape only says how its rows are stored. */
  readonly container: ManifestContainer;
  /** Name of the sheet that is read; null for other formats. */
  readonly sheet: string | null;
  /** Whether hidden rows are left out. */
  readonly skipsHidden: boolean;
  /** The batch of which the file is a report, by its first row; null for other files. */
  readonly reportOf: string | null;
  /** Sentences about the file that people should know before its rows are processed. */
  readonly notes: readonly string[];
  /**
   * All rows, at most 500 at a time, in constant memory, as fast as they are consumed. May be called again, also in
   * parallel; each call reads from the start.
   * @throws ManifestError `changed` after the last row if the bytes do not match `sha256`; `gzip_broken` when they
   *   could not be read again.
   */
  rows(): AsyncGenerator<ManifestRow[]>;
}

/**
 * Opens a path, an http(s) URL or a stream, and reads it once: for its sha-256, and to check that a gzip is complete.
 * Every problem of the manifest as a whole is found here, before the first row is returned.
 * @throws ManifestError; the signal's reason when aborted.
 */
export async function openManifest(
  input: ManifestInput,
  options: OpenManifestOptions,
): Promise<Manifest> {
  const { signal } = options;
  const file = await openInput(input, {
    ...(options.fileName !== undefined && { fileName: options.fileName }),
    ...(options.guard && { guard: options.guard }),
    ...(options.limits && { limits: options.limits }),
    ...(options.findProxy && { findProxy: options.findProxy }),
    signal,
  });
  try {
    const source: Source = { ...file, ...(await surveyFile(file, signal)), signal };
    const content = await understandCertainly(source, options);
    const { damage, notes } = await lookAtRows(source, content).catch((error: unknown) => {
      content.close?.();
      throw error;
    });
    return {
      sha256: source.sha256,
      sizeBytes: source.sizeBytes,
      fileName: source.fileName,
      name: source.name,
      shape: content.layout.shape,
      container: content.container,
      sheet: content.sheet,
      skipsHidden: options.skipsHidden ?? false,
      reportOf: content.reportOf ?? (await findBatchId(content)),
      notes: [...content.layout.notes, ...notes],
      rows: () => readRows(source, content, damage),
      [Symbol.asyncDispose]: async () => {
        content.close?.();
        await file.handle.close();
      },
    };
  } catch (error) {
    await file.handle.close();
    throw error;
  }
}

/** The formats that people can name; the content decides otherwise. */
const WORKBOOK_FORMATS: ReadonlySet<ManifestFormat> = new Set(['xlsx', 'ods'] as const);

/** A manifest's records and the meaning of their cells. */
interface Content {
  layout: RecordLayout;
  container: ManifestContainer;
  sheet: string | null;
  /** Whether the encoding of its text is assumed. */
  isAssumed?: boolean;
  /** The batch that it is a report of, where the text itself says so. */
  reportOf?: string | null;
  /** Each call reads from the start. What it reads of the file one byte after the other is added to `seen`. */
  records(seen: Seen): AsyncGenerator<RawRecord[]>;
  close?(): void;
}

/** An encoding is assumed only where it does no harm. */
async function understandCertainly(source: Source, options: OpenManifestOptions): Promise<Content> {
  const content = await understandContent(source, options);
  if (!content.isAssumed) return content;
  const rows = readRows(source, content, null);
  return (await hasForeignSources(rows, content.layout.shape, options.key ?? []))
    ? await understandContent(source, options, { assumes: false })
    : content;
}

async function understandContent(
  source: Source,
  options: OpenManifestOptions,
  { assumes = true } = {},
): Promise<Content> {
  const { label } = source;
  const { format, mapping = {}, delimiter } = options;
  const binary = await understandBinary(source, options);
  if (binary !== null) return binary;
  const found = (await checkGzip(source)) ?? source.legacy;
  const legacy = found?.isAssumed && !assumes ? null : found;
  const text = { ...source, legacy };
  const head = await readHead(text);
  if (isFlatOpenDocument(head)) {
    const content = () => inflated(source, readBytes(source.handle, source.signal));
    return toContent(await understandFlat(content, sheetOptions(options), label));
  }
  refuseFileOptions(options, label);
  if (format === undefined) refuseOtherFiles(head, label);
  const layout = understand(head, {
    label,
    mapping,
    ...(delimiter && { delimiter }),
    ...(isTextFormat(format) && { format }),
  });
  const about = aboutEncoding(legacy);
  const shape = { ...layout.shape, ...(await encodingOf(text)) };
  const notes = about === null ? layout.notes : [...layout.notes, about];
  const whole = { ...layout, shape, notes };
  const reportOf = layout.shape.format === 'jsonl' ? batchIdIn(head) : null;
  const records: Content['records'] = (seen) => readText(text, whole, seen);
  const isAssumed = legacy?.isAssumed ?? false;
  return { layout: whole, container: 'text', sheet: null, isAssumed, reportOf, records };
}

/** Null for a text. */
async function understandBinary(
  source: Source,
  options: OpenManifestOptions,
): Promise<Content | null> {
  const { format, mapping = {} } = options;
  if (source.container === 'ole') await refuseOldWorkbook(source);
  if (source.container === 'zip') {
    if (format !== undefined && !WORKBOOK_FORMATS.has(format)) {
      throw notThatFormat(source.label, 'a workbook', format);
    }
    return toContent(await understandWorkbook(source, sheetOptions(options)));
  }
  if (source.container !== 'parquet') return null;
  if (format !== undefined && format !== 'parquet') {
    throw notThatFormat(source.label, 'a Parquet file', format);
  }
  refuseSheets(options, source.label);
  const { understandParquet } = await import('./parquet/read-parquet.ts');
  return { ...(await understandParquet(source, mapping)), container: 'parquet', sheet: null };
}

const toContent = ({ sheetName, ...workbook }: WorkbookManifest): Content => ({
  ...workbook,
  container: 'workbook',
  sheet: sheetName,
});

const sheetOptions = ({ mapping = {}, sheet, skipsHidden }: OpenManifestOptions): SheetOptions => ({
  mapping,
  ...(sheet !== undefined && { sheet }),
  ...(skipsHidden !== undefined && { skipsHidden }),
});

/** Reads enough rows to see that there are some, and whether the id columns have lost digits. */
async function lookAtRows(
  source: Source,
  content: Content,
): Promise<{ damage: IdDamage | null; notes: string[] }> {
  const { shape } = content.layout;
  const hasIds = shape.roles.video_id !== null && shape.roles.task_id !== null;
  const survey = new IdSurvey();
  let rows = 0;
  for await (const batch of readRows(source, content, null)) {
    rows += batch.length;
    if (!hasIds) break;
    for (const row of batch) survey.add(idsOf(shape, row));
    if (survey.hasEnough) break;
  }
  if (rows === 0) {
    throw new ManifestError(
      'no_rows',
      `${source.label} has a header and no rows; nothing to import.`,
    );
  }
  if (!hasIds) return { damage: null, notes: [] };
  const damage = judgeIdColumns(survey.facts());
  const about = aboutDamage(damage, shape.roles);
  return { damage, notes: about === null ? [] : [about] };
}

/** Objects lose their `kling_` members when they are read. */
const batchIdIn = (head: Buffer): string | null =>
  /"kling_batch"\s*:\s*"([\w-]{1,100})"/.exec(head.toString('utf8'))?.[1] ?? null;

async function findBatchId({ layout, records }: Content): Promise<string | null> {
  if (layout.batchCell === null) return null;
  for await (const some of records({ hash: createHash('sha256'), sizeBytes: 0 })) {
    const cell = some[0]?.cells[layout.batchCell]?.trim() ?? '';
    return /^[\w-]{1,100}$/.test(cell) ? cell : null;
  }
  return null;
}

async function* readRows(
  source: Source,
  content: Content,
  damage: IdDamage | null,
): AsyncGenerator<ManifestRow[]> {
  const seen: Seen = { hash: createHash('sha256'), sizeBytes: 0 };
  const { layout } = content;
  let row = 1;
  for await (const records of content.records(seen)) {
    const rows: ManifestRow[] = [];
    for (const record of records) {
      const numbered = numberRow(record, row, layout);
      if (isBlank(numbered)) continue;
      rows.push(markDamage(numbered, layout.shape, damage));
      row += 1;
    }
    for (let from = 0; from < rows.length; from += MAX_BATCH_ROWS) {
      yield rows.slice(from, from + MAX_BATCH_ROWS);
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

/**
 * Inflating reads neither what follows the end of gzip data nor a workbook from front to back, so the file is read
 * once more.
 */
async function refuseChanged(source: Source, seen: Seen): Promise<void> {
  const isComplete = seen.sizeBytes === source.sizeBytes;
  const sha256 = isComplete
    ? seen.hash.digest('hex')
    : (await surveyFile(source, source.signal)).sha256;
  if (sha256 === source.sha256) return;
  throw new ManifestError(
    'changed',
    `${source.label} changed while it was read; import it again once nothing writes to it.`,
  );
}
