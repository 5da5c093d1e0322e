import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

interface LockedPackage {
  readonly optionalDependencies?: Record<string, string>;
}

const lockfile: { packages: Record<string, LockedPackage> } = JSON.parse(
  readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'),
);

/** Node looks in the dependent's own folder first, then outwards. */
function isLocked(dependency: string, dependent: string): boolean {
  const parts = (dependent && `${dependent}/`).split('node_modules/');
  return parts.some((_part, depth) => {
    const owner = parts.slice(0, depth + 1).join('node_modules/');
    return `${owner}node_modules/${dependency}` in lockfile.packages;
  });
}

// npm omits packages from the lock file that it cannot find in the registry or was not told to look for.
// Then `npm ci` fails, or a Mac lacks the binaries that Linux has.
it('the lock file locks the packages of every platform, not only of the one that wrote it', () => {
  const missing = Object.entries(lockfile.packages).flatMap(([path, locked]) =>
    Object.keys(locked.optionalDependencies ?? {}).filter((name) => !isLocked(name, path)),
  );
  expect(missing).toEqual([]);
});
