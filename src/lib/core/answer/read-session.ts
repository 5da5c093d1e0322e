import type { AnswerBody } from './answer-body.ts';
import { codeText, isRecord } from './answer-body.ts';
import type { OpenedSession } from './api-failure.ts';

const DETAILS = [
  'fps',
  'original_duration',
  'width',
  'height',
  'total_frame',
  'normalized_video',
  'final_unit_deduction',
] as const;

/** A signed address fits; a longer text is not what the documentation describes. */
const MAX_DETAIL_LENGTH = 4096;

/**
 * The session in the body of a 2xx answer (API page, "A success"): code 0, `data.status` absent or 0, a
 * `session_id`. `message` is never looked at: live successes say `SUCCEED`, `success` and `Success`.
 */
export function readSession(body: AnswerBody): Pick<OpenedSession, 'sessionId' | 'details'> | null {
  const data = body.json?.data;
  if (!hasCodeZero(body) || nonZeroDataStatus(body) !== null || !isRecord(data)) return null;
  const sessionId = data.session_id;
  if (typeof sessionId !== 'string' || sessionId.trim() === '') return null;
  return { sessionId, details: detailsOf(data) };
}

export function hasCodeZero(body: AnswerBody): boolean {
  return codeText(body.json?.code) === '0';
}

/** `data.status` as text when it is there and not 0, else null. Its values are undocumented. */
export function nonZeroDataStatus(body: AnswerBody): string | null {
  const data = body.json?.data;
  const value = isRecord(data) ? (data.status ?? '') : '';
  if (value === '') return null;
  const text = codeText(value) ?? typeof value;
  return text === '0' ? null : text;
}

function detailsOf(data: Record<string, unknown>): OpenedSession['details'] {
  const details: OpenedSession['details'] = {};
  for (const name of DETAILS) {
    const value = data[name];
    if (typeof value === 'number') details[name] = value;
    if (typeof value === 'string' && value.length <= MAX_DETAIL_LENGTH) details[name] = value;
  }
  return details;
}
