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
 * @throws SettingsError when a file cannot be read or one of a pair is missing.
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
  return { url: settings.REDIS_URL ?? DEFAULT_REDIS_URL, tls };
}

type FileSetting = `REDIS_${'CA' | 'CERT' | 'KEY'}_FILE`;

function readSetting(settings: RedisSettings, name: FileSetting, option: keyof TlsFiles): TlsFiles {
  const path = settings[name];
  if (path === undefined) return {};
  try {
    return { [option]: readFileSync(path) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SettingsError(`${name}: the file cannot be read: ${reason}.`);
  }
}
