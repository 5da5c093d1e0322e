/**
 * The source of a row. The API takes one of the two, never both (API page, "The call"). Ids have 18 digits and exceed
 * 2^53, so they are strings everywhere.
 */
export type Source =
  | { kind: 'url'; videoUrl: string }
  | { kind: 'kling'; videoId: string; taskId: string; createdAtMs?: number };

/**
 * What a call for this source sends. Only fields with values: the API refuses empty strings, and both sources at once.
 */
export function requestBody(
  source: Source,
  sendTaskId: 'always' | 'never',
): Record<string, string> {
  if (source.kind === 'url') return { video_url: source.videoUrl };
  const { videoId, taskId } = source;
  return sendTaskId === 'never' || taskId === ''
    ? { video_id: videoId }
    : { video_id: videoId, task_id: taskId };
}
