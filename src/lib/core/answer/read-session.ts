import type { AnswerBody } from './answer-body.ts';
import { codeText, isRecord } from './answer-body.ts';
import type { OpenedSession } from './api-failure.ts';
import { cleanText } from './clean-text.ts';
import { listFields } from './walk-json.ts';

const DETAILS = [
  'fps',
  'original_duration',
  'width',
  'height',
  'total_frame',
  'normalized_video',
  'final_unit_deduction',
  'final_balance_deduction',
] as const;

/** Long enough for a signed address. The documentation describes nothing longer. */
const MAX_DETAIL_LENGTH = 4096;

/** Kling's ids have 18 digits; a gateway's token fits as well. Printable ASCII. */
const SESSION_ID = /^[\x20-\x7e]{1,400}$/;

/** Longest part of an unusable session id that is shown. */
const MAX_SHOWN_LENGTH = 100;

/** Words in a status field that mean there is no session, whatever is beside them. */
const FAILURE_WORD =
  /^(fail(ed|ure)?|errors?|reject(ed)?|refused|denied|cancell?ed|expired|aborted|invalid)$/i;

/** Words, and the HTTP status, that a relay may put into `data.status` for a success. */
const SUCCESS_WORD = /^(succe(ss|ed|eded|ssful)|ok|okay|done|completed?|finished|true|200|0+)$/i;

/**
 * The session in the body of a 2xx answer (API page, "A success"): code 0, `data.status` absent or 0, a valid
 * `session_id`, and no sign of a failure beside it. `message` is ignored: real successes say `SUCCEED`, `success` and
 * `Success`.
 */
export function readSession(body: AnswerBody): Pick<OpenedSession, 'sessionId' | 'details'> | null {
  const data = body.json?.data;
  if (!isRecord(data) || doubtsAbout(body).length > 0) return null;
  const sessionId = usableId(data.session_id);
  return sessionId === null ? null : { sessionId, details: detailsOf(data) };
}

/** A session that an answer names, in a form that may be shown; null when it names none. At most 400 characters. */
export function findNamedSession({ json, text }: AnswerBody): string | null {
  if (json === null) {
    const quoted = /"session_?id"\s*:\s*"([^"]{1,2000})/i.exec(text)?.[1];
    return quoted === undefined ? null : shownId(quoted);
  }
  for (const { name, value } of listFields(json)) {
    const shown = name === 'sessionid' ? shownId(value) : null;
    if (shown !== null) return shown;
  }
  return null;
}

/** Why a body that names a session is not clearly a success, one clause each; empty when it is one. */
export function doubtsAbout(body: AnswerBody): string[] {
  const { json } = body;
  if (json === null) return ['the answer is incomplete or not a JSON object'];
  const code = codeText(json.code);
  return [
    ...(code === '0' ? [] : [code === null ? 'it has no code' : `its code is ${code}`]),
    ...(json.success === false ? ['success is false'] : []),
    ...(json.error ? ['it has an error beside it'] : []),
    ...statusDoubts(json, ''),
    ...(isRecord(json.data) ? dataDoubts(body, json.data) : ['it is not inside data']),
  ];
}

function dataDoubts(body: AnswerBody, data: Record<string, unknown>): string[] {
  const dataStatus = nonZeroDataStatus(body);
  const dataCode = codeText(data.code);
  const isUsable = usableId(data.session_id) !== null;
  return [
    ...(dataStatus === null ? [] : [`data.status is ${dataStatus}`]),
    ...(dataCode === null || dataCode === '0' ? [] : [`data.code is ${dataCode}`]),
    ...(data.success === false ? ['data.success is false'] : []),
    ...(data.error ? ['data has an error in it'] : []),
    ...statusDoubts(data, 'data.'),
    ...(isUsable ? [] : [describeId(data.session_id)]),
  ];
}

function statusDoubts(record: Record<string, unknown>, prefix: string): string[] {
  const names = prefix === '' ? ['status', 'task_status', 'state'] : ['task_status', 'state'];
  return names.flatMap((name) => {
    const text = codeText(record[name]);
    return text !== null && FAILURE_WORD.test(text) ? [`${prefix}${name} is ${text}`] : [];
  });
}

function describeId(value: unknown): string {
  if (value === undefined || value === null || value === '') return 'it is not inside data';
  if (typeof value === 'number') return 'it is a number, whose last digits may be wrong';
  if (typeof value !== 'string') return 'it is not text';
  return 'it has characters, or a length, that no session id has';
}

function usableId(value: unknown): string | null {
  const trimmed = typeof value === 'string' ? value.trim() : '';
  return SESSION_ID.test(trimmed) ? trimmed : null;
}

function shownId(value: unknown): string | null {
  const usable = usableId(value);
  if (usable !== null) return usable;
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  return cleanText(String(value), MAX_SHOWN_LENGTH) || null;
}

export function hasCodeZero(body: AnswerBody): boolean {
  return codeText(body.json?.code) === '0';
}

/** `data.status` as text if it is present and not 0, otherwise null. Its values are undocumented. */
export function nonZeroDataStatus(body: AnswerBody): string | null {
  const data = body.json?.data;
  const value = isRecord(data) ? (data.status ?? '') : '';
  if (value === '') return null;
  const text = codeText(value) ?? typeof value;
  return text === '0' ? null : text;
}

/** Whether a `data.status` other than 0 means that the video was refused; a relay's word for success does not. */
export const isRefusingStatus = (dataStatus: string): boolean => !SUCCESS_WORD.test(dataStatus);

function detailsOf(data: Record<string, unknown>): OpenedSession['details'] {
  const details: OpenedSession['details'] = {};
  for (const name of DETAILS) {
    const value = data[name];
    if (typeof value === 'number') details[name] = value;
    if (typeof value === 'string' && value.length <= MAX_DETAIL_LENGTH) details[name] = value;
  }
  return details;
}
