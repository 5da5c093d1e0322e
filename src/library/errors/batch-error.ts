/**
 * Why something cannot be done with a batch.
 *
 * - `batch_not_found`: there is no batch of this id.
 * - `batch_conflict`: the id belongs to another manifest, or to the same one with other options.
 * - `selection_changed`: an interrupted import cannot continue, because the batch it was compared with has changed.
 * - `import_interrupted`: the batch was cancelled or removed during its import. The same import stores the rest.
 * - `cannot_continue`: the batch that the import names cannot be continued now.
 * - `not_possible`: the batch's state does not allow it.
 * - `person_needed`: nothing moves until a person acts, or until the next day.
 */
export type BatchErrorCode =
  | 'batch_not_found'
  | 'batch_conflict'
  | 'selection_changed'
  | 'import_interrupted'
  | 'cannot_continue'
  | 'not_possible'
  | 'person_needed';

/** Something cannot be done with a batch. */
export class BatchError extends Error {
  override readonly name = 'BatchError';
  readonly code: BatchErrorCode;
  /** Null if the error concerns no batch yet. */
  readonly batchId: string | null;

  constructor(code: BatchErrorCode, batchId: string | null, message: string) {
    super(message);
    this.code = code;
    this.batchId = batchId;
  }
}
