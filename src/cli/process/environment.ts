import { existsSync } from 'node:fs';
import { type Environment, readSettings, type Settings } from '../../lib/settings/settings.ts';
import { CliError, EXIT } from './exit.ts';

/**
 * Settings from flags, then the environment, then `.env` in the working directory.
 * @throws CliError naming every setting that is wrong.
 */
export function loadSettings(flags: Environment = {}): Settings {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const read = readSettings({ ...process.env, ...flags });
  if (!read.ok) throw new CliError(EXIT.usage, read.problems.join('\n'));
  return read.settings;
}
