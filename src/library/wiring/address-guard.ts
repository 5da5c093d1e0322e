import { parseAllowHosts } from '../../lib/network/allow-hosts.ts';
import { type Guard, PUBLIC_PORTS, resolveBySystem } from '../../lib/network/guarded-lookup.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import { SettingsError } from '../errors/settings-error.ts';

type AllowSetting =
  | 'PROBE_ALLOW_HOSTS'
  | 'MANIFEST_ALLOW_HOSTS'
  | 'NOTIFY_ALLOW_HOSTS'
  | 'REPORT_ALLOW_HOSTS';

/**
 * The guard against addresses inside the network, with the exemptions from a setting.
 * @throws SettingsError when the setting is malformed.
 */
export function addressGuard(
  settings: Partial<Pick<Settings, AllowSetting>>,
  allowSetting: AllowSetting,
): Guard {
  try {
    return {
      allowHosts: parseAllowHosts(settings[allowSetting] ?? ''),
      allowedPorts: PUBLIC_PORTS,
      resolveHost: resolveBySystem,
      allowSetting,
    };
  } catch (error) {
    throw new SettingsError(`${allowSetting}: ${(error as Error).message}`);
  }
}
