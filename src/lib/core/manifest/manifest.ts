import type { RowDefect } from './row-defects.ts';

/** How a manifest was read. Kept with the batch, so that a stored row can be interpreted anywhere. */
export interface ManifestShape {
  /** `csv` has a header and a delimiter; `list` is one URL per line; `jsonl` is one object per line. */
  format: 'csv' | 'jsonl' | 'list';
  /** `,` `;` TAB or `|`; null for the other formats. */
  delimiter: string | null;
  /**
   * The user's columns in file order, without `kling_*`. For `list` it is `['video_url']`; for `jsonl` the keys in
   * order of first appearance (at most 1000).
   */
  columns: string[];
  /** The encoding of its text, if not UTF-8: `utf-16le`, `GB18030` …; a CSV report uses the same. */
  encoding?: string | undefined;
  /** The file began with a byte order mark, so its CSV report does, too. */
  hasMark?: true | undefined;
  /** The column of each role (its name in `columns`, or the JSON key); null when there is none. */
  roles: Record<ManifestRole, string | null>;
}

/** Formats of a file; all but `jsonl` and `list` are stored as `csv`. */
export const MANIFEST_FORMATS = ['csv', 'tsv', 'jsonl', 'list', 'xlsx', 'ods', 'parquet'] as const;
export type ManifestFormat = (typeof MANIFEST_FORMATS)[number];

/** What the file is, a gzipped text included. */
export type ManifestContainer = 'text' | 'workbook' | 'parquet';

export const MANIFEST_ROLES = ['video_url', 'video_id', 'task_id', 'video_created_at'] as const;
export type ManifestRole = (typeof MANIFEST_ROLES)[number];

/** One data record, unchanged. */
export interface ManifestRow {
  /** From 1, in manifest order: a row's identity. */
  row: number;
  /** Line of the file (after decompression) at which the record begins, from 1, including the header. */
  line: number;
  /**
   * `csv`, `list`: the cells, aligned with `columns` (more if the line was ragged; without `kling_*` cells). `jsonl`:
   * one cell with the object's JSON text without its `kling_*` keys, every digit kept. A row with a defect has what
   * could be recovered: the line split at each delimiter after a broken quote, the line itself if its JSON is broken,
   * nothing if it was too long.
   */
  cells: string[];
  /**
   * True when the record is not valid UTF-8. Each character of its cells then stands for one byte (Latin-1), so that
   * a report can return the exact bytes. Such a row always has a `defect`.
   */
  isBinary?: true;
  /** Set when the record could not be read at all (ragged, bad encoding, unclosed quote, broken JSON, too long). */
  defect?: RowProblem;
}

/** One problem of a row: what, where, what to do. */
export interface RowProblem {
  code: RowDefect;
  /** Name of the column; null when it is about the whole row. */
  column: string | null;
  /** The value, cut to 120 characters; null when there is none to show. */
  value: string | null;
  /** One sentence with line, column, value and advice. */
  message: string;
}
