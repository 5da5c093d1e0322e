import { decodeProtectedHeader, jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import { klingJwtAuthorizer } from '../../../../src/lib/kling/jwt-authorizer.ts';

const KEYS = { accessKey: 'access-1', secretKey: 'a-secret-of-some-length' };
const START_MS = Date.UTC(2026, 10, 1, 12);

const tokenOf = async (authorizer: ReturnType<typeof klingJwtAuthorizer>): Promise<string> =>
  ((await authorizer.authorize()).authorization ?? '').replace('Bearer ', '');

test('the token is what Kling requires: HS256, the access key as issuer, half an hour, 5 s back', async () => {
  const token = await tokenOf(klingJwtAuthorizer(KEYS, () => START_MS));
  const { payload } = await jwtVerify(token, new TextEncoder().encode(KEYS.secretKey), {
    currentDate: new Date(START_MS),
  });
  expect(decodeProtectedHeader(token)).toEqual({ alg: 'HS256', typ: 'JWT' });
  expect(payload).toEqual({
    iss: 'access-1',
    nbf: START_MS / 1_000 - 5,
    exp: START_MS / 1_000 + 1_800,
  });
});

test.each([
  ['the same token serves calls for 25 minutes', 24 * 60, true],
  ['it is renewed five minutes before its end', 25 * 60, false],
])('%s', async (_, afterS, isSame) => {
  let nowMs = START_MS;
  const authorizer = klingJwtAuthorizer(KEYS, () => nowMs);
  const first = await tokenOf(authorizer);
  nowMs += afterS * 1_000;
  expect((await tokenOf(authorizer)) === first).toBe(isSame);
});

test('calls that start at once share one token', async () => {
  const authorizer = klingJwtAuthorizer(KEYS, () => START_MS);
  const tokens = await Promise.all(Array.from({ length: 20 }, () => tokenOf(authorizer)));
  expect(new Set(tokens).size).toBe(1);
});
