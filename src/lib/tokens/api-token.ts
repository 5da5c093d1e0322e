import { digestOf, isSameText } from './secret.ts';

/** `read` sees everything and changes nothing; `operate` may do everything that the API offers. */
export const TOKEN_SCOPES = ['read', 'operate'] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];

/** A key with which a program uses the API. Its secret is not kept, only a digest. */
export interface ApiToken {
  /** Unique; in histories, `token <name>`. */
  name: string;
  scope: TokenScope;
  /** SHA-256 of the secret, base64url. */
  digest: string;
  createdAtMs: number;
  createdBy: string;
  /** Null: it does not expire. */
  expiresAtMs: number | null;
  /** Requests that it may make in a minute. */
  perMinute: number;
}

export const TOKEN_NAME = /^[a-z0-9][a-z0-9.-]{0,39}$/i;

const TOKEN_TEXT = /^ks_([a-z0-9][a-z0-9.-]{0,39})_([\w-]{43})$/i;

/** What a program sends. The name in it tells whose token leaked; the prefix lets scanners of secrets find it. */
export const writeToken = (name: string, secret: string): string => `ks_${name}_${secret}`;

/** Null for a text that is not a token. */
export function readToken(text: string): { name: string; secret: string } | null {
  const [, name, secret] = TOKEN_TEXT.exec(text) ?? [];
  return name === undefined || secret === undefined ? null : { name, secret };
}

export const isSecretOf = ({ digest }: Pick<ApiToken, 'digest'>, secret: string): boolean =>
  isSameText(digest, digestOf(secret));
