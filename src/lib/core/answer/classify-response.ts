import type { AnswerBody, ErrorLayer } from './answer-body.ts';
import { readAnswerBody } from './answer-body.ts';
import type { ApiAnswer, TransportProblem } from './api-answer.ts';
import type { ApiFailure, ApiFailureKind, OpenedSession } from './api-failure.ts';
import { cleanText } from './clean-text.ts';
import { classOfPhrase, classOfStatus, classOfStringCode } from './failure-signals.ts';
import { findReason, isTelling, specificReason } from './find-reason.ts';
import { classOfKlingCode, classOfKlingFamily, describeKlingCode } from './kling-codes.ts';
import {
  doubtsAbout,
  findNamedSession,
  hasCodeZero,
  isRefusingStatus,
  nonZeroDataStatus,
  readSession,
} from './read-session.ts';
import { readRetryAfter } from './retry-after.ts';

export type Classification =
  | { ok: true; session: OpenedSession }
  | { ok: false; failure: ApiFailure };

type Response = Extract<ApiAnswer, { kind: 'response' }>;

/** The input of the judges. */
interface Evidence {
  status: number;
  body: AnswerBody;
  bodyProblem: TransportProblem | null;
  location: string | null;
  retryAfterMs: number | null;
}

interface Judgement {
  kind: ApiFailureKind;
  code: string;
  message: string;
}

type Judge = (evidence: Evidence) => Judgement | null;

/**
 * Decides what an answer of the API means. Total: any status, headers and bytes give a classification, and it never
 * throws. The order of the judges is that of the API page, "What a failure means"; the first one that knows decides.
 * * A date in `Retry-After` is measured from `nowMs` if the answer has no date of its own.
 */
export function classifyResponse(answer: ApiAnswer, nowMs: number): Classification {
  if (answer.kind === 'transport_error') return { ok: false, failure: transportFailure(answer) };
  const body = readAnswerBody(answer.body, header(answer, 'content-type') ?? '');
  const requestId = requestIdOf(answer, body);
  const session = isSuccessStatus(answer.status) ? readSession(body) : null;
  if (session !== null) {
    return { ok: true, session: { ...session, requestId, httpStatus: answer.status } };
  }

  const retryAfter = header(answer, 'retry-after');
  const retryAfterMs =
    retryAfter === null ? null : readRetryAfter(retryAfter, header(answer, 'date'), nowMs);
  const { status, bodyProblem } = answer;
  const judgement = judge({
    status,
    body,
    bodyProblem,
    location: header(answer, 'location'),
    retryAfterMs,
  });
  return {
    ok: false,
    failure: {
      // An answer with `Retry-After` is not a refusal: all calls wait, and no row pays.
      kind: judgement.kind === 'server' && retryAfterMs !== null ? 'throttled' : judgement.kind,
      code: judgement.code,
      message: cleanText(judgement.message, 500),
      httpStatus: status,
      requestId,
      retryAfterMs,
    },
  };
}

const DATA_STATUS = 'data_status_';

const JUDGES: readonly Judge[] = [
  judgeRedirect,
  judgeProxy,
  judgeHtml,
  judgeDataStatus,
  by('code', classOfKlingCode),
  by('code', classOfKlingFamily),
  by('code', classOfStringCode),
  // Some relays put the string code into `type` and leave `code` empty.
  by('type', classOfStringCode),
  judgePhrase,
  judgeMissingSession,
];

function judge(evidence: Evidence): Judgement {
  for (const judgeOne of JUDGES) {
    const judgement = judgeOne(evidence);
    if (judgement !== null) return judgeNamedSession(evidence, judgement);
  }
  return judgeNamedSession(evidence, judgeStatus(evidence));
}

/** These classes close the gate. At an error status they apply, even if a relay uses the names for something else. */
const GATE_KINDS: readonly ApiFailureKind[] = ['throttled', 'account', 'misconfigured'];

/** A session that an answer names may exist, unless Kling itself says that it opened none for this video. */
function judgeNamedSession(evidence: Evidence, judgement: Judgement): Judgement {
  const { status, body } = evidence;
  const named = body.isHtml ? null : findNamedSession(body);
  if (named === null || judgement.code.startsWith(DATA_STATUS)) return judgement;
  if (!isSuccessStatus(status) && GATE_KINDS.includes(judgement.kind)) return judgement;
  const statusDoubts = isSuccessStatus(status) ? [] : [`the status is that of an error`];
  const doubts = [...statusDoubts, ...doubtsAbout(body)].join(', ');
  return {
    kind: 'unconfirmed',
    code: 'unclear_session',
    message: `HTTP ${status} names session ${named}, but ${doubts}${quoteOf(body)}`,
  };
}

/** A wrong base URL, because the API itself never redirects. */
function judgeRedirect({ status, location }: Evidence): Judgement | null {
  if (status < 300 || status > 399) return null;
  // The query and user-info of a redirect may be secrets.
  const address = location?.replace(/[?#].*$/s, '').replace(/\/\/[^/]*@/, '//');
  const target = address === undefined ? '' : ` to ${address}`;
  return {
    kind: 'misconfigured',
    code: `http_${status}`,
    message: `the API redirects${target} (HTTP ${status}); check API_BASE_URL`,
  };
}

/** Only an intermediate proxy sends this status (RFC 9110, 15.5.8). */
function judgeProxy({ status }: Evidence): Judgement | null {
  if (status !== 407) return null;
  const message =
    'a proxy asks for a name and password (HTTP 407); check HTTPS_PROXY and HTTP_PROXY';
  return { kind: 'misconfigured', code: 'http_407', message };
}

/** A web page with 408, 429 or 5xx comes from a proxy in front of the API, and its status is correct. */
function judgeHtml({ status, body }: Evidence): Judgement | null {
  if (!body.isHtml || status === 408 || status === 429 || status >= 500) return null;
  return {
    kind: 'misconfigured',
    code: 'html',
    message: `the API answers with a web page${titleOf(body)} (HTTP ${status}); check API_BASE_URL`,
  };
}

function by(field: 'code' | 'type', classOf: (text: string) => ApiFailureKind | null): Judge {
  return ({ body }) => {
    for (const layer of body.layers) {
      const code = layer[field];
      const kind = code === null ? null : classOf(code);
      if (code !== null && kind !== null) {
        return { kind, code, message: reasonOf(body, layer, code) };
      }
    }
    return null;
  };
}

function reasonOf(body: AnswerBody, { message }: ErrorLayer, code: string): string {
  const own = isTelling(message) ? message : null;
  return specificReason(body) ?? own ?? describeKlingCode(code) ?? findReason(body) ?? code;
}

/** Kling answered properly and says that this video did not become a session. */
function judgeDataStatus({ status, body }: Evidence): Judgement | null {
  if (!isSuccessStatus(status) || !hasCodeZero(body)) return null;
  const dataStatus = nonZeroDataStatus(body);
  if (dataStatus === null || !isRefusingStatus(dataStatus)) return null;
  const named = findNamedSession(body);
  const beside = named === null ? '' : `, though it names session ${named}`;
  return {
    kind: 'refused',
    code: `${DATA_STATUS}${dataStatus}`,
    message: `the API opened no session for this video (data.status ${dataStatus}${beside})${quoteOf(body)}`,
  };
}

function judgePhrase(evidence: Evidence): Judgement | null {
  const { body } = evidence;
  const texts = body.json === null ? [body.text] : body.layers.map((layer) => layer.message ?? '');
  for (const text of texts) {
    const kind = classOfPhrase(text);
    if (kind !== null) return { kind, code: rawCode(evidence), message: text };
  }
  return null;
}

/** 2xx, but no session: either the API reports a failure, or it is unknown whether it opened one. */
function judgeMissingSession(evidence: Evidence): Judgement | null {
  const { status, body, bodyProblem } = evidence;
  if (!isSuccessStatus(status)) return null;
  if (saysFailure(body)) {
    const message = findReason(body) ?? `HTTP ${status} with an error that has no message`;
    return { kind: 'server', code: rawCode(evidence), message };
  }
  if (body.json !== null) {
    const message = `HTTP ${status} without a session in it${quoteOf(body)}`;
    return { kind: 'unconfirmed', code: 'no_session', message };
  }
  const what = body.text === '' ? 'an empty body' : 'a body that cannot be read';
  const code = body.text === '' ? 'empty_body' : 'unreadable_body';
  const message = `HTTP ${status} with ${what}${quoteOf(body)}`;
  return { kind: 'unconfirmed', code: bodyProblem ?? code, message };
}

function judgeStatus(evidence: Evidence): Judgement {
  const { status, body, retryAfterMs } = evidence;
  // Relays also use 403 for "saturated"; an answer about a missing permission would not name a time.
  const isSaturation = status === 403 && retryAfterMs !== null;
  const message = body.isHtml ? `HTTP ${status}${titleOf(body)}` : findReason(body);
  return {
    kind: isSaturation ? 'throttled' : classOfStatus(status),
    code: rawCode(evidence),
    message: message ?? `HTTP ${status} without a message`,
  };
}

/** Problems of a call that was never sent and that waiting does not solve. */
const UNSENT_KINDS: Partial<Record<TransportProblem, ApiFailureKind>> = {
  authorization: 'account',
  proxy_refused: 'misconfigured',
};

function transportFailure(answer: Extract<ApiAnswer, { kind: 'transport_error' }>): ApiFailure {
  const unsentKind = UNSENT_KINDS[answer.problem] ?? 'server';
  return {
    kind: answer.wasSent ? 'unconfirmed' : unsentKind,
    code: answer.problem,
    message: cleanText(answer.message, 500),
    httpStatus: null,
    requestId: null,
    retryAfterMs: null,
  };
}

function saysFailure({ json, layers }: AnswerBody): boolean {
  if (json === null) return false;
  if (json.success === false || json.error) return true;
  return layers.some(({ code }) => code !== null && code !== '0');
}

/** The API's own code even if it decided nothing, otherwise the status. */
function rawCode({ status, body }: Evidence): string {
  const layer = body.layers.find(({ code }) => code !== null && code !== '0');
  return layer?.code ?? `http_${status}`;
}

function quoteOf(body: AnswerBody): string {
  const words = findReason(body);
  return words === null ? '' : `: ${cleanText(words, 200)}`;
}

function titleOf(body: AnswerBody): string {
  const title = /<title[^>]*>([^<]*)/i.exec(body.text.slice(0, 10_000))?.[1]?.trim();
  return title ? ` titled "${cleanText(title, 100)}"` : '';
}

function requestIdOf(answer: Response, body: AnswerBody): string | null {
  const inBody = body.layers.find(({ requestId }) => requestId !== null)?.requestId;
  const inHeader = header(answer, 'x-request-id') ?? header(answer, 'x-oneapi-request-id');
  return inBody ?? (inHeader === null ? null : cleanText(inHeader, 100) || null);
}

function header(answer: Response, name: string): string | null {
  const entry = Object.entries(answer.headers).find(([key]) => key.toLowerCase() === name);
  const value = entry?.[1];
  return (typeof value === 'string' ? value : value?.[0]) ?? null;
}

function isSuccessStatus(status: number): boolean {
  return status >= 200 && status <= 299;
}
