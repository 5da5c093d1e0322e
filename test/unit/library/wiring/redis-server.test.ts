import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { redisServerOf } from '../../../../src/library/wiring/redis-server.ts';

describe('certificates of Redis', () => {
  let folder: string;
  const path = (name: string): string => join(folder, name);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kling-certificates-'));
    for (const name of ['one', 'other']) {
      const { cert, private: key } = await generate([{ name: 'commonName', value: name }]);
      await writeFile(path(`${name}.crt`), cert);
      await writeFile(path(`${name}.key`), key);
    }
    await writeFile(path('text'), 'no certificate');
  });
  afterAll(() => rm(folder, { recursive: true }));

  const problemOf = (files: { ca?: string; cert?: string; key?: string }): string | null => {
    const { ca, cert, key } = files;
    try {
      redisServerOf({
        ...(ca && { REDIS_CA_FILE: path(ca) }),
        ...(cert && { REDIS_CERT_FILE: path(cert) }),
        ...(key && { REDIS_KEY_FILE: path(key) }),
      });
      return null;
    } catch (error) {
      return String(error);
    }
  };

  test('an authority, and a certificate with its key, are taken', () => {
    expect(problemOf({ ca: 'other.crt', cert: 'one.crt', key: 'one.key' })).toBeNull();
  });

  test.each([
    [{ ca: 'absent' }, 'REDIS_CA_FILE: there is no file'],
    [{ ca: 'text' }, 'REDIS_CA_FILE: the file holds no certificate in PEM'],
    [{ ca: 'one.key' }, 'REDIS_CA_FILE: the file holds no certificate in PEM'],
    [{ cert: 'text', key: 'one.key' }, 'REDIS_CERT_FILE: the file holds no certificate in PEM'],
    [{ cert: 'one.crt', key: 'one.crt' }, 'REDIS_KEY_FILE: the file holds no key'],
    [{ cert: 'one.crt', key: 'other.key' }, 'REDIS_KEY_FILE is not the key of the certificate'],
    [{ cert: 'one.crt' }, 'REDIS_CERT_FILE is set without REDIS_KEY_FILE'],
  ])('the files %o are refused: %s', (files, words) => {
    expect(problemOf(files)).toContain(words);
  });
});
