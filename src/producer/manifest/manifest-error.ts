/**
 * Why a whole manifest cannot be used. A single bad row is never one of these.
 *
 * - `not_found`, `unreadable`, `is_directory`: the path does not lead to readable bytes; a server has nothing at the
 * address.
 * - `download_failed`, `spool_failed`: a URL or standard input could not be copied to a temporary file.
 * - `too_large`: an address has more bytes than are read from it.
 * - `empty`, `no_rows`: nothing in it, or nothing but a header.
 * - `unsupported_format`: an old workbook, a JSON array …: readable after another export.
 * - `no_header`, `bad_header`: the first line is data, or cannot be read.
 * - `no_usable_column`, `unknown_column`, `ambiguous_column`: no column, or no single one, for a role.
 * - `gzip_broken`, `gzip_bomb`: cut or damaged; more than a manifest can be.
 * - `workbook_broken`, `workbook_bomb`: the same of a workbook.
 * - `parquet_broken`: a Parquet file is cut or damaged, or its sizes contradict each other.
 * - `unknown_sheet`: the wanted sheet is not there.
 * - `changed`: other bytes than those that the batch is bound to.
 */
export type ManifestErrorCode =
  | 'not_found'
  | 'unreadable'
  | 'is_directory'
  | 'download_failed'
  | 'spool_failed'
  | 'too_large'
  | 'empty'
  | 'no_rows'
  | 'unsupported_format'
  | 'no_header'
  | 'bad_header'
  | 'no_usable_column'
  | 'unknown_column'
  | 'ambiguous_column'
  | 'gzip_broken'
  | 'gzip_bomb'
  | 'workbook_broken'
  | 'workbook_bomb'
  | 'parquet_broken'
  | 'unknown_sheet'
  | 'changed';

/** The message is one or two sentences: what, where, what to do. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
  readonly code: ManifestErrorCode;
  /** The columns that were found, if the error is about choosing one; otherwise empty. */
  readonly columns: readonly string[];
  /** A retry may succeed: the server of an address, or the way to it, failed. */
  readonly isTransient: boolean;

  constructor(
    code: ManifestErrorCode,
    message: string,
    options?: ErrorOptions & { columns?: readonly string[]; isTransient?: boolean },
  ) {
    super(message, options);
    this.code = code;
    this.columns = options?.columns ?? [];
    this.isTransient = options?.isTransient ?? false;
  }
}
