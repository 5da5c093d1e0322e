import type { Arrangements, BatchOptions, Lineage, RowSelection } from '../lib/core/batch/batch.ts';
import type { NoticeTarget } from '../lib/core/notice/notice-target.ts';
import type { KeepAlive } from '../lib/core/renewal/keep-alive.ts';
import type { KeyColumns } from '../lib/rows/row-key.ts';
import type { ContinuedTable } from './continuing/continued-table.ts';
import type { RowMatches } from './continuing/row-matches.ts';
import type { RowSet } from './row-set.ts';

export interface ImportOptions extends BatchOptions {
  /** The batch whose rows without a session this one mends; it must exist. */
  mends?: string;
  /** The batch that this table continues; part of its identity. Default none. */
  lineage?: Lineage | null;
  /** Digest of the path or address that it comes from. */
  origin?: string | null;
  /** The table whose live sessions it keeps, and which of its rows are the manifest's. */
  continues?: { table: ContinuedTable; matches: RowMatches };
  /** What is to be known of its rows, as of one that is continued: a sentence each, for the history of a new batch. */
  remarks?: readonly string[];
  /** Only rows that a comparison with another batch picked. */
  selection?: { comparedWith: string; kinds: RowSelection['kinds']; rows: RowSet };
  /** Columns by whose values its rows are found. May differ in a repeated import, which changes it. Default none. */
  key?: KeyColumns;
  /** The user's own id; it makes this import a different batch than one without, or with another id. */
  batchId?: string;
  /** Only the first rows. */
  limit?: number;
  /**
   * Share of the work compared with other batches, 1 to 100. May differ in a repeated import; the first value counts.
   */
  priority: number;
  /** Sessions that it may open, from 1. May differ in a repeated import, which changes it. Default any number. */
  maxSessions?: number;
  /** How long its sessions are renewed. May differ in a repeated import, which changes it. Default none. */
  keepAlive?: KeepAlive;
  /** May also differ in a repeated import. Default none. */
  arrangements?: Arrangements;
  /**
   * Where workers write its report: an absolute path or an address, without `{…}`. May differ in a repeated import,
   * which changes it, and retries a report that could not be written. Default nowhere.
   */
  report?: string;
  /** Its own webhook. May also differ. */
  notify?: NoticeTarget;
}
