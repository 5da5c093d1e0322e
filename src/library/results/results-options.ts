export interface ResultsOptions {
  /** Only the rows of this batch. Default all batches. */
  batchId?: string;
  /** The position of the last row that you have; everything after it follows. Default the first. */
  after?: string | null;
  /**
   * Wait for more rows: of one batch until it has ended, of all batches without end. It also waits while Redis is
   * away. Default false: ends after the rows that have changed so far.
   */
  follow?: boolean;
  signal?: AbortSignal;
}
