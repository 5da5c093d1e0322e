import type { Source } from '../../../src/lib/core/manifest/source.ts';
import type { Outcome } from '../../../src/lib/core/row/outcome.ts';
import type { CallRecord } from '../../../src/sandbox/ledger.ts';

/** A row of a batch that has ended. */
export interface EndedRow {
  row: number;
  /** Null for a malformed row. */
  video: string | null;
  outcome: Outcome | undefined;
}

export const recordedSessions = (rows: readonly EndedRow[]): Set<string | undefined> =>
  new Set(rows.map(({ outcome }) => outcome?.session?.id));

export const nameOf = (source: Source): string =>
  source.kind === 'url' ? source.videoUrl : `${source.videoId} ${source.taskId}`;

export const calledVideo = ({ source }: CallRecord): string =>
  source?.videoUrl ?? `${source?.videoId} ${source?.taskId}`;
