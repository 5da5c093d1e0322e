import type { Authorizer } from './authorizer.ts';

/** Kling: "exp" is half an hour ahead, "nbf" 5 s back, for clocks that differ a little. */
const LIFETIME_S = 1_800;
const BACKDATED_S = 5;
/** It may take minutes until the API reads a call, so a token is renewed well before its end. */
const RENEWED_BEFORE_END_S = 300;

export interface KlingKeys {
  accessKey: string;
  secretKey: string;
}

/**
 * The bearer token of Kling's own API: a JWT signed with HS256 and the secret key, issued by the access key. One
 * token serves all calls until five minutes before its end.
 *  *
 * @param now in ms since 1970, by the clock of this machine; Kling refuses tokens from a wrong clock.
 */
export function klingJwtAuthorizer(
  { accessKey, secretKey }: KlingKeys,
  now: () => number,
): Authorizer {
  const secret = new TextEncoder().encode(secretKey);
  let current: { token: Promise<string>; renewAtS: number } | null = null;

  // Loaded here, as most workers send a fixed key.
  const sign = async (nowS: number): Promise<string> => {
    const { SignJWT } = await import('jose');
    return await new SignJWT()
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuer(accessKey)
      .setNotBefore(nowS - BACKDATED_S)
      .setExpirationTime(nowS + LIFETIME_S)
      .sign(secret);
  };

  return {
    async authorize() {
      const nowS = Math.floor(now() / 1_000);
      if (current === null || nowS >= current.renewAtS) {
        current = { token: sign(nowS), renewAtS: nowS + LIFETIME_S - RENEWED_BEFORE_END_S };
      }
      return { authorization: `Bearer ${await current.token}` };
    },
    renew() {
      current = null;
    },
  };
}
