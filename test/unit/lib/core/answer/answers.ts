import type { ApiAnswer } from '../../../../../src/lib/core/answer/api-answer.ts';
import type { ApiFailure } from '../../../../../src/lib/core/answer/api-failure.ts';
import { classifyResponse } from '../../../../../src/lib/core/answer/classify-response.ts';

export const NOW_MS = Date.parse('2026-03-01T12:00:00Z');

type Response = Extract<ApiAnswer, { kind: 'response' }>;

export function response(
  status: number,
  body: unknown = '',
  headers: Record<string, string> = {},
): Response {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { kind: 'response', status, headers, body: text, bodyProblem: null };
}

export function failureOf(answer: ApiAnswer): ApiFailure {
  const result = classifyResponse(answer, NOW_MS);
  if (result.ok) throw new Error(`expected a failure, got session ${result.session.sessionId}`);
  return result.failure;
}

/** Kling's own shape of an error. */
export function kling(code: number | string, message = 'words of the API') {
  return { code, message, request_id: 'req-1' };
}

/** The shape of CometAPI and its kin. */
export function relay(code: unknown, message = '', type = 'new_api_error') {
  return { error: { message, type, code } };
}
