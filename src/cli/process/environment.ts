import { existsSync } from 'node:fs';
import { type Environment, readSettings } from '../../lib/settings/read-settings.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import { CliError, EXIT } from './exit.ts';

/** Settings that other programs read too, in lower case. The lower-case name takes precedence. */
const SHARED_NAMES = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'] as const;

/**
 * Reads settings from flags, then the environment, then `.env` in the working directory.
 * @throws CliError that names every invalid setting.
 */
export function loadSettings(flags: Environment = {}): Settings {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const read = readSettings({ ...process.env, ...inLowerCase(process.env), ...flags });
  if (!read.ok) throw new CliError(EXIT.usage, read.problems.join('\n'));
  return read.settings;
}

function inLowerCase(environment: Environment): Environment {
  return Object.fromEntries(
    SHARED_NAMES.flatMap((name) => {
      const value = environment[name.toLowerCase()];
      return value ? [[name, value]] : [];
    }),
  );
}
