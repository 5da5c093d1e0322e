import type { BatchState } from '../watching/batch-progress.ts';

/** The batch that an import created or found. */
export interface ImportedBatch {
  batchId: string;
  state: BatchState;
  rows: number;
  /** What existed before: nothing, some rows of an interrupted import, or all of them. */
  found: 'nothing' | 'part' | 'all';
  /** Sentences that a person should know: about the file, and about what it continues. */
  remarks: string[];
}
