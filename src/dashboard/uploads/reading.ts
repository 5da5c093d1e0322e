import { MANIFEST_ROLES, type ManifestRole } from '../../lib/core/manifest/manifest.ts';
import type { Reading } from './manifest-imports.ts';

/** Which column was said to hold what, from an address or a form. */
export function readingOf(columnOf: (role: ManifestRole) => string | undefined): Reading {
  const said = MANIFEST_ROLES.flatMap((role) => {
    const column = columnOf(role);
    return column === undefined || column === '' ? [] : [[role, column.slice(0, 500)] as const];
  });
  return { mapping: Object.fromEntries(said) };
}

/** The command line's advice, as what the page has: people choose columns there. */
export const forPeople = (message: string): string =>
  message
    .replace(/, or point at yours with --map video_url=<column>/, ', or choose yours below')
    .replace(/say which with --map \w+=<column>/, 'choose one below');

/** The same, as what the API has: it takes columns in the query, and where a start is asked for in the body's `map`. */
export const forPrograms = (message: string, place: 'the query' | '`map`'): string =>
  message.replace(/--map (\w+=<column>)/, `\`$1\` in ${place}`);
