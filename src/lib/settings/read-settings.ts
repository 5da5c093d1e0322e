import type { z } from 'zod';
import type { Setting } from './setting.ts';
import { SETTINGS, type Settings } from './settings.ts';

/** Where settings come from; an empty text counts as not set. */
export type Environment = Partial<Record<string, string>>;

/** Reads every setting; `problems` has one sentence for each invalid one, never only the first. */
export function readSettings(
  environment: Environment,
): { ok: true; settings: Settings } | { ok: false; problems: string[] } {
  const problems: string[] = [];
  const settings: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries<Setting<unknown>>(SETTINGS)) {
    const given = environment[name] || setting.default;
    if (given === undefined) continue;
    const parsed = setting.schema.safeParse(given);
    if (parsed.success) settings[name] = parsed.data;
    else problems.push(describe(name, setting, given, parsed.error));
  }
  return problems.length > 0
    ? { ok: false, problems }
    : { ok: true, settings: settings as Settings };
}

function describe(
  name: string,
  setting: Setting<unknown>,
  given: string,
  error: z.ZodError,
): string {
  const shown = setting.isSecret ? 'its value' : `"${given}"`;
  const what = error.issues.map(({ message }) => message).join('; ');
  return `${name}: ${shown} is not usable: ${what} (${setting.range}).`;
}
