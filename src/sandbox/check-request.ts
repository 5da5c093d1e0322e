import type { Refusal } from './answers.ts';

/** A request that follows every documented rule (API page, "The call"). */
export type CheckedSource =
  | { kind: 'url'; videoUrl: string }
  | { kind: 'kling'; videoId: string; taskId: string };

export type RequestCheck = { ok: true; source: CheckedSource } | { ok: false; refusal: Refusal };

type Fields = Record<string, unknown>;

const SOURCE_FIELDS = ['video_url', 'video_id', 'task_id'] as const;

export function checkAuthorization(header: string | undefined, apiKey: string): Refusal | null {
  if (header === undefined || header.trim() === '') return { kind: 'authorization_missing' };
  const [, token] = /^Bearer +(\S+) *$/i.exec(header) ?? [];
  return token === apiKey ? null : { kind: 'authorization_wrong' };
}

/** The request's fields, or null when the body is not a JSON object. */
export function parseFields(body: string): Fields | null {
  try {
    const value: unknown = JSON.parse(body);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Fields) : null;
  } catch {
    return null;
  }
}

export function checkRequest(contentType: string | undefined, fields: Fields | null): RequestCheck {
  const isJson = /^application\/json\b/i.test(contentType ?? '');
  if (!isJson) return malformed('Content-Type must be application/json');
  if (fields === null) return malformed('the body must be a JSON object');

  const mistyped = SOURCE_FIELDS.find(
    (name) => fields[name] !== undefined && typeof fields[name] !== 'string',
  );
  if (mistyped !== undefined) return malformed(`${mistyped} must be a string`);
  const empty = SOURCE_FIELDS.find((name) => fields[name] === '');
  if (empty !== undefined) return malformed(`${empty} must not be empty; leave it out instead`);

  return checkSource(
    fields.video_url as string | undefined,
    fields.video_id as string | undefined,
    fields.task_id as string | undefined,
  );
}

function checkSource(
  videoUrl: string | undefined,
  videoId: string | undefined,
  taskId: string | undefined,
): RequestCheck {
  if (videoUrl !== undefined) {
    if (videoId !== undefined || taskId !== undefined) {
      return malformed('video_url and video_id/task_id exclude each other');
    }
    return isHttpUrl(videoUrl)
      ? { ok: true, source: { kind: 'url', videoUrl } }
      : malformed('video_url must be an http or https address');
  }
  if (videoId === undefined && taskId === undefined) {
    return malformed('either video_url, or video_id and task_id, is required');
  }
  if (videoId === undefined) return malformed('task_id needs video_id');
  if (taskId === undefined) return malformed('video_id needs task_id');
  if (!/^\d+$/.test(videoId)) return malformed('video_id must consist of digits');
  if (!/^\d+$/.test(taskId)) return malformed('task_id must consist of digits');
  return { ok: true, source: { kind: 'kling', videoId, taskId } };
}

function isHttpUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:');
}

function malformed(message: string): RequestCheck {
  return { ok: false, refusal: { kind: 'malformed', message } };
}
