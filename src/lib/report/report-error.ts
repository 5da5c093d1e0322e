/** Why a report could not be written. The destination is as it was before. */
export class ReportError extends Error {
  override readonly name = 'ReportError';
  /**
   * The system's error code, for example `ENOSPC`; `EPIPE` when the reader of stdout went away; `too_many_rows` and
   * `too_many_columns` when the format cannot hold it.
   */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
