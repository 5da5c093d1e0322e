import { errors, jwtVerify } from 'jose';
import { describe, expect } from 'vitest';
import { startApiServer } from '../setup/api-server.ts';
import { klingManifest, test, type Workplace } from './e2e-test.ts';

const SECRET = 'secret-key-of-the-account';
const TOKEN_TROUBLE = { status: 401, message: 'authorization expired' };

/** Kling as its own hosts answer: a call without a valid token of this account gets the code for what is wrong. */
async function openKling(place: Workplace, refuseFirst?: number) {
  const codes: (number | null)[] = [];
  const verify = async (header = ''): Promise<number | null> => {
    if (header === '') return 1001;
    try {
      const token = header.replace(/^Bearer /, '');
      await jwtVerify(token, new TextEncoder().encode(SECRET), { issuer: 'access-key' });
      return null;
    } catch (error) {
      return error instanceof errors.JWTExpired ? 1004 : 1002;
    }
  };
  const api = await startApiServer({
    isAllowed: async (header) => {
      const code = codes.length === 0 && refuseFirst ? refuseFirst : await verify(header);
      codes.push(code);
      return code === null ? null : { ...TOKEN_TROUBLE, code };
    },
  });
  place.closeAtEnd(api);
  place.env.API_BASE_URL = api.baseUrl;
  place.env.API_AUTH = 'kling-jwt';
  place.env.KLING_ACCESS_KEY = 'access-key';
  return { api, codes };
}

describe.concurrent('Kling itself', () => {
  test('accepts tokens that are signed with the two keys', async ({ place }) => {
    const { codes } = await openKling(place);
    await place.write('clips.csv', klingManifest(3));
    const env = { KLING_SECRET_KEY: SECRET };

    const run = await place.cli(['run', 'clips.csv'], { env });

    expect(run.exitCode).toBe(0);
    expect(codes).toEqual([null, null, null]);
    expect(run.stdout + run.stderr).not.toContain(SECRET);
  });

  test.for([1003, 1004])(
    'code %i, of a token that is not valid at this moment, is answered by a new token and no row is lost',
    async (code, { place }) => {
      const { codes } = await openKling(place, code);
      await place.write('clips.csv', klingManifest(1));

      const run = await place.cli(['run', 'clips.csv'], { env: { KLING_SECRET_KEY: SECRET } });

      expect(run.exitCode).toBe(0);
      expect(codes).toEqual([code, null]);
    },
  );

  test('a wrong secret closes the gate after one call, as a wrong key does', async ({ place }) => {
    const { codes } = await openKling(place);
    await place.write('clips.csv', klingManifest(20));

    const run = await place.cli(['run', 'clips.csv', '--api-concurrency', '1'], {
      env: { KLING_SECRET_KEY: 'another-secret-key' },
    });

    expect(run.exitCode).toBe(4);
    expect(codes).toEqual([1002]);
    expect(run.stdout + run.stderr).not.toContain('another-secret-key');
  });

  test('a missing key is named before any session is opened', async ({ place }) => {
    await openKling(place);
    await place.write('clips.csv', klingManifest(1));

    expect(await place.cli(['run', 'clips.csv'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('KLING_SECRET_KEY is not set'),
    });
  });
});
