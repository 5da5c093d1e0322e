import type { ApiAnswer } from '../core/answer/api-answer.ts';

/** A shorter text may stand in an answer by chance, and is no secret worth the name. */
const MIN_SECRET_LENGTH = 8;

/**
 * An answer without the credentials that the call carried. Gateways like to quote the key that they did not accept, in
 * bodies and in headers; it must not reach the report or the log. `headerValues` are those of the credentials.
 */
export function withoutSecrets(answer: ApiAnswer, headerValues: readonly string[]): ApiAnswer {
  const spellings = headerValues.flatMap(spellingsOf);
  const redact = (text: string): string =>
    spellings.reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text);
  if (answer.kind === 'transport_error') return { ...answer, message: redact(answer.message) };
  const headers = Object.entries(answer.headers).map(([name, value]) => [
    name,
    typeof value === 'string' ? redact(value) : value?.map(redact),
  ]);
  return { ...answer, body: redact(answer.body), headers: Object.fromEntries(headers) };
}

/** A secret as it is, in a URL, and in JSON with and without escaped slashes. The longest goes first. */
function spellingsOf(headerValue: string): string[] {
  const secret = headerValue.replace(/^\S+ /, '');
  if (secret.length < MIN_SECRET_LENGTH) return [];
  const inJson = JSON.stringify(secret).slice(1, -1);
  const all = [secret, encodeURIComponent(secret), inJson, inJson.replaceAll('/', '\\/')];
  return [...new Set(all)].sort((a, b) => b.length - a.length);
}
