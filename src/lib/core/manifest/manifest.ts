import type { RowDefect } from './row-defects.ts';

/** How a manifest was understood. Kept with the batch, so that a stored row can be read again anywhere. */
export interface ManifestShape {
  /** `csv` has a header and a delimiter; `list` is one URL a line; `jsonl` one object a line. */
  format: 'csv' | 'jsonl' | 'list';
  /** `,` `;` TAB or `|`; null for the other formats. */
  delimiter: string | null;
  /**
   * The user's columns in file order, without `kling_*`. For `list` it is `['video_url']`; for `jsonl` the
   * keys in order of first appearance (at most 1000).
   */
  columns: string[];
  /** How its text was written, when not in UTF-8: `utf-16le`, `GB18030` …; a CSV report is written so, too. */
  encoding?: string | undefined;
  /** It began with a byte order mark, so its CSV report does. */
  hasMark?: true | undefined;
  /** Which column holds what (its name in `columns`, or the JSON key); null when there is none. */
  roles: Record<ManifestRole, string | null>;
}

/** As a file may come; all but `jsonl` and `list` are kept as `csv`. */
export const MANIFEST_FORMATS = ['csv', 'tsv', 'jsonl', 'list', 'xlsx', 'ods'] as const;
export type ManifestFormat = (typeof MANIFEST_FORMATS)[number];

export const MANIFEST_ROLES = ['video_url', 'video_id', 'task_id', 'video_created_at'] as const;
export type ManifestRole = (typeof MANIFEST_ROLES)[number];

/** One data record, as it came. */
export interface ManifestRow {
  /** From 1, in manifest order: a row's identity. */
  row: number;
  /** Line of the file (after decompression) where the record begins, from 1, header included. */
  line: number;
  /**
   * `csv`, `list`: the cells, aligned with `columns` (longer when the line was ragged, `kling_*` cells left
   * out). `jsonl`: one cell, the object's JSON text without its `kling_*` keys, numbers digit for digit.
   * A row with a defect has what could be made out: the line split at each delimiter after a quote went wrong,
   * the line itself when its JSON is broken, nothing when it was too long.
   */
  cells: string[];
  /**
   * True when the record is not valid UTF-8: each character of its cells then stands for one byte (Latin-1), so
   * that a report can write the very bytes back. Such a row always has a `defect`.
   */
  isBinary?: true;
  /** Set when the record could not be read at all (ragged, bad encoding, unclosed quote, broken JSON, too long). */
  defect?: RowProblem;
}

/** One thing wrong with a row: what, where, what to do. */
export interface RowProblem {
  code: RowDefect;
  /** Name of the column; null when it is about the whole row. */
  column: string | null;
  /** What was found, cut to 120 characters; null when there is nothing to show. */
  value: string | null;
  /** One sentence with line, column, value and advice. */
  message: string;
}
