import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Batch } from '../../lib/core/batch/batch.ts';
import { isWebAddress } from '../../lib/core/web-address.ts';
import { isManifestOf } from '../../lib/files/is-manifest-of.ts';
import { formatByName, refuseExtension } from '../../lib/report/report-format.ts';
import type { ReportFormat } from '../../lib/report/report-formatter.ts';
import { manifestName } from '../../producer/manifest/open-input.ts';
import { CliError, EXIT } from '../process/exit.ts';

/** The value of `--out` that means stdout. */
export const STDOUT = '-';

/**
 * If these were opened again, they would have their own position, and other output would overwrite the report's
 * beginning.
 */
const STDOUT_NAMES = new Set(['/dev/stdout', '/dev/fd/1', '/proc/self/fd/1']);

/** Where `--out` leads: every name of stdout is `-`. */
export const outOf = (path: string): string => (STDOUT_NAMES.has(path) ? STDOUT : path);

/**
 * The format of a report, from its file name; CSV for stdout and for devices.
 * @throws CliError (2) for the extension of another format.
 */
export function reportFormatOf(path: string): ReportFormat {
  if (path === STDOUT || isSystemPath(path)) return 'csv';
  const format = formatByName(path);
  if (format !== null) return format;
  throw new CliError(EXIT.usage, refuseExtension(path));
}

const isSystemPath = (path: string): boolean => /^\/(dev|proc)\//.test(path);

/** @throws CliError (2) when the report would replace the manifest itself, under any name. */
export async function refuseManifest(path: string, input: string): Promise<void> {
  const [target, manifest] = await Promise.all([path, input].map(identityOf));
  if (target !== null && target === manifest) throw wouldLoseManifest(path);
}

/** The same, but long after the import. @throws CliError (2) when the report would replace the batch's manifest. */
export async function refuseManifestOf(batch: Batch, path: string): Promise<void> {
  if (await isManifestOf(path, batch)) throw wouldLoseManifest(path);
}

const wouldLoseManifest = (path: string): CliError =>
  new CliError(
    EXIT.usage,
    `${path} is the manifest itself, which would be lost; name another file.`,
  );

async function identityOf(path: string): Promise<string | null> {
  try {
    const { dev, ino } = await stat(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return null;
  }
}

/**
 * The path of a file beside the manifest; in the working directory if the manifest is not a local file. `suffix`,
 * such as `.results.csv`, follows the manifest's name, and its extension if another manifest in the folder has the
 * same name.
 */
export async function besideManifest(
  input: string,
  { name, suffix }: { name: string; suffix: string },
): Promise<string> {
  const isElsewhere = input === '-' || isWebAddress(input);
  if (isElsewhere) return `${name}${suffix}`;
  const own = basename(input);
  const files = await readdir(dirname(input)).catch(() => []);
  const isShared = files.some((file) => file !== own && isManifestNamed(file, name));
  return join(dirname(input), `${isShared ? own : name}${suffix}`);
}

/** Files that this program writes beside a manifest do not count as other manifests. */
const isManifestNamed = (file: string, name: string): boolean =>
  manifestName(file) === name && file !== name;
