import type { ApiAnswer } from '../core/answer/api-answer.ts';

/** A shorter text may be in an answer by chance, and is not a real secret. */
const MIN_SECRET_LENGTH = 8;

/**
 * An answer without the credentials of the call. Gateways may quote a key that they did not accept, in bodies and
 * headers; it must not reach the report or the log. `credentials` are headers, by name.
 */
export function withoutSecrets(
  answer: ApiAnswer,
  credentials: Readonly<Record<string, string>>,
): ApiAnswer {
  const spellings = spellingsIn(credentials);
  // Nearly no answer quotes them, so nearly none is copied.
  if (!textsOf(answer).some((text) => spellings.some((secret) => text.includes(secret)))) {
    return answer;
  }
  const redact = (text: string): string =>
    spellings.reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text);
  if (answer.kind === 'transport_error') return { ...answer, message: redact(answer.message) };
  const headers = Object.entries(answer.headers).map(([name, value]) => [
    name,
    typeof value === 'string' ? redact(value) : value?.map(redact),
  ]);
  return { ...answer, body: redact(answer.body), headers: Object.fromEntries(headers) };
}

const textsOf = (answer: ApiAnswer): string[] =>
  answer.kind === 'transport_error'
    ? [answer.message]
    : [answer.body, ...Object.values(answer.headers).flatMap((value) => value ?? [])];

/** Most workers send the same headers with every call. */
const known = new WeakMap<Readonly<Record<string, string>>, readonly string[]>();

function spellingsIn(credentials: Readonly<Record<string, string>>): readonly string[] {
  const found = known.get(credentials) ?? Object.values(credentials).flatMap(spellingsOf);
  known.set(credentials, found);
  return found;
}

/** A secret in plain form, in URL form, and in JSON with and without escaped slashes. The longest comes first. */
function spellingsOf(headerValue: string): string[] {
  const secret = headerValue.replace(/^\S+ /, '');
  if (secret.length < MIN_SECRET_LENGTH) return [];
  const inJson = JSON.stringify(secret).slice(1, -1);
  const all = [secret, encodeURIComponent(secret), inJson, inJson.replaceAll('/', '\\/')];
  return [...new Set(all)].sort((a, b) => b.length - a.length);
}
