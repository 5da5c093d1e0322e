import { trimInvisible } from '../../lib/core/manifest/invisible.ts';
import {
  MANIFEST_ROLES,
  type ManifestRole,
  type ManifestShape,
} from '../../lib/core/manifest/manifest.ts';
import { showValue } from '../../lib/core/manifest/show-value.ts';
import { ManifestError } from './manifest-error.ts';

export type ColumnMapping = Partial<Record<ManifestRole, string>>;
type Roles = ManifestShape['roles'];

/**
 * Aliases of a role, compared without case, spaces, dashes and underscores. Not `id`, `task` or `created_at`: those
 * are usually the user's own.
 */
const ALIASES: Record<ManifestRole, readonly string[]> = {
  video_url: ['url', 'video', 'link', 'videolink', 'fileurl', 'sourceurl'],
  video_id: [],
  task_id: [],
  video_created_at: [],
};

/**
 * Finds the column of each role: by `mapping` first, then by a role's own name (`videoUrl` is `video_url`), then by
 * an alias. A column that is mapped to one role is not used for another.
 * @throws ManifestError `unknown_column`, `ambiguous_column`, or `no_usable_column`.
 */
export function assignRoles(
  columns: readonly string[],
  mapping: ColumnMapping,
  label: string,
): Roles {
  const mapped = new Map<number, ManifestRole>();
  for (const role of MANIFEST_ROLES) {
    const wanted = mapping[role];
    if (wanted !== undefined) mapColumn({ columns, mapped, role, wanted, label });
  }
  const roleOf = (role: ManifestRole): string | null => {
    for (const [index, mappedRole] of mapped)
      if (mappedRole === role) return columns[index] ?? null;
    return findByName({ columns, mapped, role, label });
  };
  const roles: Roles = {
    video_url: roleOf('video_url'),
    video_id: roleOf('video_id'),
    task_id: roleOf('task_id'),
    video_created_at: roleOf('video_created_at'),
  };
  checkUsable(roles, columns, label);
  return roles;
}

/** How many columns have a name from `mapping` or a role's own name, and how many have an alias. */
export function countKnownColumns(
  columns: readonly string[],
  mapping: ColumnMapping,
): { own: number; alias: number } {
  const own = new Set([...Object.values(mapping), ...MANIFEST_ROLES].map(normalise));
  const aliases = new Set(Object.values(ALIASES).flat());
  const names = columns.map(normalise);
  return {
    own: names.filter((name) => own.has(name)).length,
    alias: names.filter((name) => aliases.has(name)).length,
  };
}

/** Whether any column would get a role. */
export function hasKnownColumn(columns: readonly string[], mapping: ColumnMapping): boolean {
  const { own, alias } = countKnownColumns(columns, mapping);
  return own + alias > 0;
}

function mapColumn(ask: {
  columns: readonly string[];
  mapped: Map<number, ManifestRole>;
  role: ManifestRole;
  wanted: string;
  label: string;
}): void {
  const { columns, mapped, role, wanted, label } = ask;
  const exact = indexesWhere(columns, (column) => column === wanted);
  const found =
    exact.length > 0 ? exact : indexesWhere(columns, (c) => normalise(c) === normalise(wanted));
  const [index] = found;
  if (index === undefined) {
    throw new ManifestError(
      'unknown_column',
      `${label} has no column "${wanted}", which was to be ${role}; the columns found are ${listColumns(columns)}.`,
      { columns },
    );
  }
  if (found.length > 1) {
    throw new ManifestError(
      'ambiguous_column',
      `${label} has ${found.length} columns named "${wanted}"; rename the one that is not ${role}.`,
      { columns },
    );
  }
  const other = mapped.get(index);
  if (other !== undefined) {
    throw new ManifestError(
      'ambiguous_column',
      `The column "${wanted}" of ${label} cannot be both ${other} and ${role}; map each to a column of its own.`,
      { columns },
    );
  }
  mapped.set(index, role);
}

function findByName(ask: {
  columns: readonly string[];
  mapped: Map<number, ManifestRole>;
  role: ManifestRole;
  label: string;
}): string | null {
  const { columns, mapped, role, label } = ask;
  const [ownName = '', ...aliases] = namesOf(role);
  const isFree = (index: number): boolean => !mapped.has(index);
  const own = indexesWhere(columns, (column) => normalise(column) === ownName).filter(isFree);
  const found =
    own.length > 0
      ? own
      : indexesWhere(columns, (column) => aliases.includes(normalise(column))).filter(isFree);
  if (found.length > 1) {
    const names = listColumns(found.map((index) => columns[index] ?? ''));
    throw new ManifestError(
      'ambiguous_column',
      `${label} has ${found.length} columns that may be ${role}: ${names}; say which with --map ${role}=<column>, or rename the others.`,
      { columns },
    );
  }
  return found[0] === undefined ? null : (columns[found[0]] ?? null);
}

function checkUsable(roles: Roles, columns: readonly string[], label: string): void {
  if (roles.video_url !== null || (roles.video_id !== null && roles.task_id !== null)) return;
  const half = roles.video_id ?? roles.task_id;
  const what =
    half === null
      ? 'no column that says which video a row is about'
      : `a column "${half}" but no ${roles.video_id === null ? 'video_id' : 'task_id'} beside it`;
  throw new ManifestError(
    'no_usable_column',
    `${label} has ${what}; the columns found are ${listColumns(columns)}. Name one video_url, or two video_id and task_id, or point at yours with --map video_url=<column>.`,
    { columns },
  );
}

function namesOf(role: ManifestRole): string[] {
  return [normalise(role), ...ALIASES[role]];
}

function normalise(name: string): string {
  return trimInvisible(name)
    .toLowerCase()
    .replace(/[\s_-]+/g, '');
}

function indexesWhere(columns: readonly string[], test: (column: string) => boolean): number[] {
  return columns.flatMap((column, index) => (test(column) ? [index] : []));
}

function listColumns(columns: readonly string[]): string {
  const shown = columns.slice(0, 20).map((column) => `"${showValue(column)}"`);
  const rest = columns.length - shown.length;
  return shown.join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
