import { KLING_ERRORS, type KlingErrorCode } from './kling-errors.ts';
import type { ClipFacts } from './video/judge-clip.ts';

/** One HTTP answer that was not sent yet. */
export interface Answer {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: string;
  /** The code inside the body as text, for the ledger; null when there is none. */
  code: string | null;
}

/**
 * The dialect: Kling itself (`/v1/…`) answers `{code, message}`. A relay in front of it (`/kling/v1/…`) wraps its own
 * errors in `{error: {…}}` and passes Kling's answers through.
 */
export type Dialect = 'kling' | 'relay';

/** Why the server itself refuses a call, before it is put into a dialect. */
type OwnRefusal =
  | { kind: 'authorization_missing' }
  | { kind: 'authorization_wrong' }
  /** The request breaks a documented rule. */
  | { kind: 'malformed'; message: string }
  /** The request's video breaks one. */
  | { kind: 'clip'; message: string };

export type Refusal = OwnRefusal | { kind: 'kling_error'; code: KlingErrorCode };

const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' };

/** Real answers use each of these spellings, so it must not be compared (API page, "A success"). */
const SUCCESS_MESSAGES = ['SUCCEED', 'success', 'Success'] as const;

export function refusalAnswer(refusal: Refusal, dialect: Dialect, requestId: string): Answer {
  if (refusal.kind === 'kling_error') return klingErrorAnswer(refusal.code, requestId);
  return dialect === 'relay' ? relayRefusal(refusal, requestId) : klingRefusal(refusal, requestId);
}

/** `{code, message, request_id}` with the documented HTTP status, unless `status` overrides it. */
export function klingErrorAnswer(
  code: KlingErrorCode,
  requestId: string,
  override: { status?: number; message?: string } = {},
): Answer {
  const documented = KLING_ERRORS[code];
  const message = override.message ?? documented.message;
  return {
    status: override.status ?? documented.status,
    headers: JSON_HEADERS,
    body: JSON.stringify({ code, message, request_id: requestId }),
    code: String(code),
  };
}

/**
 * `{error: {message, type, code}}`, as gateways in front of Kling answer; without a code of their own they send ''.
 */
export function relayErrorAnswer(status: number, code: string, message: string): Answer {
  const body = JSON.stringify({ error: { message, type: 'comet_api_error', code } });
  return { status, headers: JSON_HEADERS, body, code: code === '' ? null : code };
}

/**
 * A success. `call` only selects the spelling of the message. Without `facts` the video was not inspected, and the
 * optional fields are left out.
 */
export function sessionAnswer(parts: {
  call: number;
  sessionId: string;
  requestId: string;
  facts: ClipFacts | null;
  videoUrl: string | null;
}): Answer {
  const data = {
    status: 0,
    session_id: parts.sessionId,
    ...(parts.facts === null ? {} : describeClip(parts.facts)),
    ...(parts.videoUrl === null ? {} : { normalized_video: parts.videoUrl }),
  };
  const message = SUCCESS_MESSAGES[parts.call % SUCCESS_MESSAGES.length];
  const body = JSON.stringify({ code: 0, message, request_id: parts.requestId, data });
  return { status: 200, headers: JSON_HEADERS, body, code: '0' };
}

/** HTTP 200 and code 0, but no session: `data.status` says that the video was refused. */
export function unrecognisedVideoAnswer(requestId: string): Answer {
  const data = { status: 1 };
  const body = JSON.stringify({ code: 0, message: 'SUCCEED', request_id: requestId, data });
  return { status: 200, headers: JSON_HEADERS, body, code: '0' };
}

function describeClip(facts: ClipFacts) {
  return {
    fps: Number(facts.fps.toFixed(3)),
    original_duration: Math.round(facts.durationS * 1000),
    width: facts.width,
    height: facts.height,
    total_frame: Math.round(facts.durationS * facts.fps),
    final_unit_deduction: '0',
  };
}

function relayRefusal(refusal: OwnRefusal, requestId: string): Answer {
  const reference = `(request id: ${requestId})`;
  switch (refusal.kind) {
    case 'authorization_missing':
      return relayErrorAnswer(401, '', `no token was provided ${reference}`);
    case 'authorization_wrong':
      return relayErrorAnswer(401, '', `invalid token ${reference}`);
    case 'malformed':
      return relayErrorAnswer(400, 'invalid_request', `${refusal.message} ${reference}`);
    case 'clip':
      return relayErrorAnswer(
        400,
        'multi_elements_init_rejected',
        `${refusal.message} ${reference}`,
      );
  }
}

function klingRefusal(refusal: OwnRefusal, requestId: string): Answer {
  switch (refusal.kind) {
    case 'authorization_missing':
      return klingErrorAnswer(1001, requestId);
    case 'authorization_wrong':
      return klingErrorAnswer(1002, requestId);
    case 'malformed':
    case 'clip':
      return klingErrorAnswer(1201, requestId, { message: refusal.message });
  }
}
