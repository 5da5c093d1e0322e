import { cleanText } from './clean-text.ts';

/** How many levels of `message` are parsed when they are JSON themselves (a relay that quotes its upstream). */
const MAX_QUOTED_LEVELS = 3;

/** One `{code, message}` of a body. */
export interface ErrorLayer {
  /** As text, whether it was a number or a string; null when absent. */
  code: string | null;
  type: string | null;
  message: string | null;
  requestId: string | null;
}

/** The parts of a body, without any judgement. */
export interface AnswerBody {
  text: string;
  /** The whole body as a JSON object; null when it is something else. */
  json: Readonly<Record<string, unknown>> | null;
  /**
   * Every `{code, message}` in it, the most specific first: what a relay quotes comes before the relay's own words.
   */
  layers: ErrorLayer[];
  isHtml: boolean;
}

export function readAnswerBody(body: string, contentType: string): AnswerBody {
  const text = body.replace(/^\uFEFF/, '').trim();
  const json = parseObject(text);
  return {
    text,
    json,
    layers: json === null ? [] : layersOf(json, 0),
    isHtml: json === null && text !== '' && looksLikeHtml(text, contentType),
  };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A code as text; null for a value that cannot be a code. */
export function codeText(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? cleanText(value, 100) || null : null;
}

function layersOf(record: Record<string, unknown>, quotedLevel: number): ErrorLayer[] {
  const parts = isRecord(record.error) ? [record.error, record] : [record];
  return parts.flatMap((part) => {
    const quoted = quotedLevel < MAX_QUOTED_LEVELS ? quotedIn(part.message) : null;
    return [...(quoted === null ? [] : layersOf(quoted, quotedLevel + 1)), layerOf(part)];
  });
}

function layerOf(record: Record<string, unknown>): ErrorLayer {
  return {
    code: codeText(record.code),
    type: codeText(record.type),
    message: firstText(record.message, record.msg, record.detail, record.error),
    requestId: typeof record.request_id === 'string' ? codeText(record.request_id) : null,
  };
}

function firstText(...values: unknown[]): string | null {
  const found = values.find((value) => typeof value === 'string' && value.trim() !== '');
  return typeof found === 'string' ? found : null;
}

function quotedIn(message: unknown): Record<string, unknown> | null {
  if (isRecord(message)) return message;
  return typeof message === 'string' ? parseJsonIn(message) : null;
}

/** The JSON object that a text is, or that it contains (`status_code=429, {"code":1303}`). */
export function parseJsonIn(text: string): Record<string, unknown> | null {
  const start = text.indexOf('{');
  return start < 0 ? null : parseObject(text.slice(start, text.lastIndexOf('}') + 1));
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function looksLikeHtml(text: string, contentType: string): boolean {
  if (/^<(!doctype html|!--|html|head|body|title|center|h1)/i.test(text)) return true;
  return /\bhtml\b/i.test(contentType);
}
