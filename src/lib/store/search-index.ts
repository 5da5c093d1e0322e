/** What finds a batch among thousands. It never changes, except that a batch with a damaged record has only its id. */
export interface BatchLabel {
  id: string;
  createdAtMs: number;
  /** The manifest's; empty if the record is damaged. */
  name: string;
  schedule: string | null;
  tags: readonly string[];
}

/** One row of one batch. */
export interface RowPlace {
  batchId: string;
  row: number;
}

/** Answers a search from what is kept by batch, and reads the rest chunk by chunk. Only reads. */
export interface SearchIndex {
  /** Every batch, newest first. Thousands cost about as much as a page of them, after the first time. */
  listLabels(): Promise<BatchLabel[]>;
  /** How many rows of each of these batches ended with exactly this error code. */
  countCode(batchIds: readonly string[], code: string): Promise<number[]>;
  /**
   * The rows of these batches with exactly this session, as far as the batches remember it: some ten thousand sessions
   * each, for a day.
   */
  findSession(batchIds: readonly string[], sessionId: string): Promise<RowPlace[]>;
  /**
   * Rows of a chunk whose outcome, or an earlier one, names exactly this session or request. Other rows may be among
   * them if a message contains this text.
   */
  findInOutcomes(batchId: string, chunk: number, id: string): Promise<number[]>;
}
