import { KLING_ERRORS, type KlingErrorCode } from './kling-errors.ts';
import type { ClipFacts } from './video/judge-clip.ts';

/** One HTTP answer, not yet sent. */
export interface Answer {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: string;
  /** The code inside the body as text, for the ledger; null when it carries none. */
  code: string | null;
}

/**
 * Who is being played: Kling itself (`/v1/…`) speaks `{code, message}`; a relay in front of it (`/kling/v1/…`)
 * wraps what it finds wrong itself in `{error: {…}}` and passes Kling's own answers through.
 */
export type Dialect = 'kling' | 'relay';

/** Why the server itself refuses a call, in no dialect yet. */
type OwnRefusal =
  | { kind: 'authorization_missing' }
  | { kind: 'authorization_wrong' }
  /** The request breaks a documented rule. */
  | { kind: 'malformed'; message: string }
  /** The video that it points at breaks one. */
  | { kind: 'clip'; message: string };

export type Refusal = OwnRefusal | { kind: 'kling_error'; code: KlingErrorCode };

const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' };

/** Live answers spell it in each of these ways, so it must not be compared (API page, "A success"). */
const SUCCESS_MESSAGES = ['SUCCEED', 'success', 'Success'] as const;

export function refusalAnswer(refusal: Refusal, dialect: Dialect, requestId: string): Answer {
  if (refusal.kind === 'kling_error') return klingErrorAnswer(refusal.code, requestId);
  return dialect === 'relay' ? relayRefusal(refusal, requestId) : klingRefusal(refusal, requestId);
}

/** `{code, message, request_id}` with the documented HTTP status, unless `status` says otherwise. */
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

/** `{error: {message, type, code}}`, as gateways in front of Kling answer; where they have no code it is ''. */
export function relayErrorAnswer(status: number, code: string, message: string): Answer {
  const body = JSON.stringify({ error: { message, type: 'comet_api_error', code } });
  return { status, headers: JSON_HEADERS, body, code: code === '' ? null : code };
}

/**
 * A success. `call` only chooses how the message is spelled. `facts` are missing when the video was not
 * looked at; then the optional fields are left out.
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

/** HTTP 200 and code 0, and yet no session: `data.status` says that the video was refused. */
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
