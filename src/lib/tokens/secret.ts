import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 random bits, as 43 characters for a header or a cookie. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** SHA-256, base64url. A quick digest is enough for a secret of 256 random bits, because it cannot be guessed. */
export const digestOf = (secret: string): string =>
  createHash('sha256').update(secret).digest('base64url');

/** Whether two texts are the same; for texts of the same length it always takes the same time. */
export function isSameText(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
