/**
 * The source of a row. The API takes one of the two, never both (API page, "The call"). Ids have 18 digits and exceed
 * 2^53, so they are strings everywhere.
 */
export type Source =
  | { kind: 'url'; videoUrl: string }
  | { kind: 'kling'; videoId: string; taskId: string; createdAtMs?: number };
