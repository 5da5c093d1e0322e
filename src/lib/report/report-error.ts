/** Why a report could not be written. The destination is unchanged. */
export class ReportError extends Error {
  override readonly name = 'ReportError';
  /**
   * The system's error code, for example `ENOSPC`; `EPIPE` when the reader of stdout closed; `too_many_rows` and
   * `too_many_columns` when the format cannot hold the report.
   */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
