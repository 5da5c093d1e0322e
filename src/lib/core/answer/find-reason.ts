import { type AnswerBody, parseJsonIn } from './answer-body.ts';
import { type JsonField, listFields } from './walk-json.ts';

/** Fields that hold a reason, the most specific first, spelled as `listFields` spells names. */
const REASON_FIELDS = [
  'rejectreason',
  'rejectionreason',
  'rejectmsg',
  'rejectmessage',
  'refusalreason',
  'failreason',
  'failedreason',
  'failurereason',
  'taskstatusmsg',
  'taskstatusmessage',
  'statusmsg',
  'statusmessage',
  'statusreason',
  'errormsg',
  'errormessage',
  'errmsg',
  'errmessage',
  'errordetail',
  'reason',
] as const;

/** Inside the content of an envelope these hold a reason; outside they belong to the envelope itself. */
const INNER_FIELDS = ['message', 'msg', 'detail', 'description'] as const;

const SUCCESS_WORDS =
  /^(succe(ss|ed|eded|ssful(ly)?)|ok|okay|done|成功|请求成功|操作成功)[.!。！]?$/i;
const EMPTY_WORDS = /^(fail(ed|ure)?|error|none|null|n\/a|unknown|-+|失败)[.!。！]?$/i;

/** Whether a text says something about a failure. "SUCCEED" does not: real refusals have it beside the reason. */
export const isTelling = (text: string | null): text is string =>
  text !== null && text.trim() !== '' && !SUCCESS_WORDS.test(text.trim());

/** The most specific text of a body about why there is no session; null when there is none. */
export function findReason(body: AnswerBody): string | null {
  if (body.json === null) return body.text === '' ? null : body.text;
  const words = body.layers.flatMap(({ message }) => (isTelling(message) ? [message] : []));
  return specificReason(body) ?? words.find((text) => !EMPTY_WORDS.test(text)) ?? words[0] ?? null;
}

/** What a body says about this one call, beside or inside its envelope; null when it says nothing. */
export function specificReason({ json }: AnswerBody): string | null {
  if (json === null) return null;
  const { data, result, output, errors, detail, details } = json;
  return (
    firstOf(REASON_FIELDS, listFields(json)) ??
    firstOf(INNER_FIELDS, listFields([data, result, output, errors, detail, details]))
  );
}

function firstOf(names: readonly string[], fields: readonly JsonField[]): string | null {
  for (const name of names) {
    for (const field of fields) {
      if (field.name === name && isReason(field.value)) return field.value;
    }
  }
  return null;
}

const isReason = (value: unknown): value is string =>
  typeof value === 'string' &&
  isTelling(value) &&
  !EMPTY_WORDS.test(value.trim()) &&
  parseJsonIn(value) === null;
