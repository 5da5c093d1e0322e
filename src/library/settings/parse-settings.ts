import { readSettings } from '../../lib/settings/read-settings.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import { SettingsError } from '../errors/settings-error.ts';

import type { SettingsInput } from './settings-input.ts';

/** @throws SettingsError that names every unusable setting. */
export function parseSettings(given: SettingsInput = {}, redis?: string): Settings {
  const texts = Object.entries(given).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  const read = readSettings({
    ...Object.fromEntries(texts),
    ...(redis !== undefined && { REDIS_URL: redis }),
  });
  if (!read.ok) throw new SettingsError(...read.problems);
  return read.settings;
}
