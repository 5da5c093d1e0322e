import { parseAllowHosts } from '../../lib/network/allow-hosts.ts';
import { type Guard, PUBLIC_PORTS, resolveBySystem } from '../../lib/network/guarded-lookup.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import { CliError, EXIT } from '../process/exit.ts';

type AllowSetting = 'PROBE_ALLOW_HOSTS' | 'MANIFEST_ALLOW_HOSTS' | 'NOTIFY_ALLOW_HOSTS';

/**
 * The guard against addresses inside the network, with the exemptions from a setting.
 * @throws CliError (2) when the setting is malformed.
 */
export function addressGuard(settings: Settings, allowSetting: AllowSetting): Guard {
  try {
    return {
      allowHosts: parseAllowHosts(settings[allowSetting]),
      allowedPorts: PUBLIC_PORTS,
      resolveHost: resolveBySystem,
      allowSetting,
    };
  } catch (error) {
    throw new CliError(EXIT.usage, `${allowSetting}: ${(error as Error).message}`);
  }
}
