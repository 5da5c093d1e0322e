/**
 * The defects of a manifest row, which then ends as `invalid`. Reports and scripts use these names, so they are
 * stable.
 */
export const ROW_DEFECTS = [
  'no_source',
  'both_sources',
  'video_id_missing',
  'task_id_missing',
  'bad_url',
  'not_http_url',
  'url_too_long',
  'bad_id',
  'mangled_id',
  'id_is_number',
  'bad_date',
  'not_text',
  'ragged_line',
  'bad_encoding',
  'unclosed_quote',
  'stray_quote',
  'record_too_long',
  'broken_json',
  'no_formula_result',
] as const;
export type RowDefect = (typeof ROW_DEFECTS)[number];

const defects: ReadonlySet<string> = new Set(ROW_DEFECTS);

/** A malformed row stays malformed, however often it is tried; other failures may succeed on a retry. */
export const canSucceedOnRetry = (errorCode: string): boolean => !defects.has(errorCode);
