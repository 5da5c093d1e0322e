import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RedisServer, TlsFiles } from '../../lib/redis/connection.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import { SettingsError } from '../errors/settings-error.ts';

export const DEFAULT_REDIS_URL = 'redis://127.0.0.1:6379';

export type RedisSettings = Partial<
  Pick<
    Settings,
    'REDIS_URL' | 'REDIS_KEY_SPACE' | 'REDIS_CA_FILE' | 'REDIS_CERT_FILE' | 'REDIS_KEY_FILE'
  >
>;

/**
 * The Redis in these settings, with its certificates loaded.
 * @throws SettingsError when a file cannot be read or holds something else, or one of a pair is missing or foreign.
 */
export function redisServerOf(settings: RedisSettings): RedisServer {
  const { REDIS_CERT_FILE: cert, REDIS_KEY_FILE: key } = settings;
  if ((cert === undefined) !== (key === undefined)) {
    const [given, missing] = cert ? ['CERT', 'KEY'] : ['KEY', 'CERT'];
    throw new SettingsError(
      `REDIS_${given}_FILE is set without REDIS_${missing}_FILE; a client certificate needs both.`,
    );
  }
  const tls: TlsFiles = {
    ...readSetting(settings, 'REDIS_CA_FILE', 'ca'),
    ...readSetting(settings, 'REDIS_CERT_FILE', 'cert'),
    ...readSetting(settings, 'REDIS_KEY_FILE', 'key'),
  };
  checkCertificates(tls);
  return { url: settings.REDIS_URL ?? DEFAULT_REDIS_URL, tls };
}

/** The client would only say that it cannot connect, and with an unusable authority that the server is not trusted. */
function checkCertificates({ ca, cert, key }: TlsFiles): void {
  if (ca !== undefined) readPem('REDIS_CA_FILE', 'certificate', () => new X509Certificate(ca));
  if (cert === undefined || key === undefined) return;
  const read = readPem('REDIS_CERT_FILE', 'certificate', () => new X509Certificate(cert));
  const own = readPem('REDIS_KEY_FILE', 'key without a passphrase', () => createPrivateKey(key));
  if (!read.checkPrivateKey(own)) {
    throw new SettingsError(
      'REDIS_KEY_FILE is not the key of the certificate in REDIS_CERT_FILE; name the two that belong together.',
    );
  }
}

function readPem<T>(name: FileSetting, what: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw new SettingsError(`${name}: the file holds no ${what} in PEM.`);
  }
}

type FileSetting = `REDIS_${'CA' | 'CERT' | 'KEY'}_FILE`;

function readSetting(settings: RedisSettings, name: FileSetting, option: keyof TlsFiles): TlsFiles {
  const path = settings[name];
  if (path === undefined) return {};
  try {
    return { [option]: readFileSync(path) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const problem =
      code === 'ENOENT'
        ? `there is no file ${path}`
        : `${path} cannot be read (${code ?? message})`;
    throw new SettingsError(`${name}: ${problem}.`);
  }
}
