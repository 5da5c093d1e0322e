import type { Settings } from '../../lib/settings/settings.ts';
import { SettingsError } from '../../library/errors/settings-error.ts';
import { requireFfprobe } from '../../library/wiring/prober.ts';
import { ScenarioError } from '../../sandbox/scenario/scenario.ts';
import { type Sandbox, startSandbox } from '../../sandbox/start-sandbox.ts';
import { searchPath } from '../process/environment.ts';
import { CliError, EXIT } from '../process/exit.ts';

export const SANDBOX_KEY = 'sandbox-key';
/** Without limits in the settings, practice uses those of the practice API. */
const SANDBOX_CONCURRENCY = 8;

export interface SandboxFlags {
  sandboxPort?: number;
  scenario?: string;
  latency?: number;
  maxConcurrency?: number;
  maxRate?: number;
  validate?: boolean;
}

/** @throws CliError (2) when the port is in use or the scenario is malformed. */
export async function openSandbox(settings: Settings, flags: SandboxFlags): Promise<Sandbox> {
  try {
    return await startSandbox({
      apiKey: SANDBOX_KEY,
      ffprobePath: requireFfprobe(settings, searchPath()),
      ...(flags.sandboxPort !== undefined && { port: flags.sandboxPort }),
      ...(flags.scenario !== undefined && { scenario: flags.scenario }),
      ...(flags.latency !== undefined && { latencyMs: flags.latency }),
      ...(flags.maxConcurrency !== undefined && { concurrencyLimit: flags.maxConcurrency }),
      ...(flags.maxRate !== undefined && { ratePerSecond: flags.maxRate }),
      ...(flags.validate !== undefined && { validate: flags.validate }),
    });
  } catch (error) {
    if (error instanceof SettingsError) throw error;
    const isExpected = error instanceof ScenarioError || error instanceof Error;
    throw isExpected ? new CliError(EXIT.usage, error.message) : error;
  }
}

/** The same settings, with the practice API instead of the real one. */
export function sandboxSettings(
  settings: Settings,
  sandbox: Sandbox,
  flags: Record<string, unknown>,
): Settings {
  const { host } = new URL(sandbox.url);
  const allowed = settings.PROBE_ALLOW_HOSTS;
  return {
    ...settings,
    // Practice sends no notices and copies no results to a database.
    NOTIFY_URL: undefined,
    RESULTS_DATABASE_URL: undefined,
    COMETAPI_KEY: SANDBOX_KEY,
    API_BASE_URL: sandbox.apiBaseUrl,
    NO_PROXY: `${settings.NO_PROXY},${host}`,
    API_CONCURRENCY:
      flags.apiConcurrency === undefined ? SANDBOX_CONCURRENCY : settings.API_CONCURRENCY,
    PROBE_ALLOW_HOSTS: allowed === '' ? host : `${allowed},${host}`,
  };
}
