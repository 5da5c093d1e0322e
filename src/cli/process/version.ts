import { existsSync, readFileSync } from 'node:fs';

/** What the build recorded about its source. */
interface BuildInfo {
  /** Short hash, or null if the source was built without git. */
  commit: string | null;
  /** Whether the source differed from that commit. */
  isChanged: boolean;
  /** Day of the build, UTC, as in 2026-11-25. */
  builtOn: string;
}

const PACKAGE = new URL('../../../package.json', import.meta.url);
/** Next to the compiled `cli` folder; the sources have none. */
const BUILD_INFO = new URL('../../build-info.json', import.meta.url);

/** The version in this program's package.json. */
export const readVersion = (): string => readJson<{ version: string }>(PACKAGE).version;

/** The version with its origin, as in `0.1.0 (commit abc1234, built 2026-11-25)`. */
export function describeVersion(): string {
  const version = readVersion();
  if (!existsSync(BUILD_INFO)) return `${version} (not built)`;
  const { commit, isChanged, builtOn } = readJson<BuildInfo>(BUILD_INFO);
  const source = `commit ${commit ?? 'unknown'}${isChanged ? ' with changes' : ''}`;
  return `${version} (${source}, built ${builtOn})`;
}

/** Both files belong to this program. */
const readJson = <T>(url: URL): T => JSON.parse(readFileSync(url, 'utf8')) as T;
