import { existsSync } from 'node:fs';
import { type Environment, readSettings } from '../../lib/settings/read-settings.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import { envFileProblems } from './env-file.ts';
import { CliError, EXIT } from './exit.ts';

/** Settings that other programs read too, in lower case. The lower-case name takes precedence. */
const SHARED_NAMES = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'] as const;

const ENV_FILE = '.env';

/**
 * Reads settings from flags, then the environment, then `.env` in the working directory.
 * @throws CliError that names every invalid setting, or every line of `.env` that would be misread.
 */
export function loadSettings(flags: Environment = {}): Settings {
  if (existsSync(ENV_FILE)) {
    const problems = envFileProblems(ENV_FILE);
    if (problems.length > 0) throw new CliError(EXIT.usage, problems.join('\n'));
    process.loadEnvFile(ENV_FILE);
  }
  const read = readSettings({ ...process.env, ...inLowerCase(process.env), ...flags });
  if (!read.ok) throw new CliError(EXIT.usage, read.problems.join('\n'));
  return read.settings;
}

/** Folders of programs, for ffprobe. */
export const searchPath = (): string => process.env.PATH ?? '';

function inLowerCase(environment: Environment): Environment {
  return Object.fromEntries(
    SHARED_NAMES.flatMap((name) => {
      const value = environment[name.toLowerCase()];
      return value ? [[name, value]] : [];
    }),
  );
}
