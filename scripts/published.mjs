// @ts-check
// The published package: the bundle, and beside it the packages that read files of their own. All other packages that
// `src` imports are in the bundle. package.json names them so that audits and licence scanners see them.
//
//   node scripts/published.mjs           prints the published package.json
//   node scripts/published.mjs <folder>  packs the built program into that folder, and prints the file's name

import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(import.meta.dirname);

/** The packages outside the bundle: see docs/dependencies.md. */
export const BESIDE_THE_BUNDLE = [
  '@bull-board/ui',
  '@ffprobe-installer/ffprobe',
  'fluent-ffmpeg',
  'openapi-fetch',
  'pino',
];

/** ffprobe's package lets only the user run it who installs it. That is root, and a service has another user. */
const POSTINSTALL =
  "node -e \"try { require('fs').chmodSync(require('@ffprobe-installer/ffprobe').path, 0o755) } catch {}\"";

/** package.json without the parts that users of the package do not need. */
export function publishedManifest() {
  const { dependencies, devDependencies, scripts, ...rest } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  const installed = BESIDE_THE_BUNDLE.map((name) => [name, dependencies[name]]);
  return {
    ...rest,
    scripts: { postinstall: POSTINSTALL },
    dependencies: Object.fromEntries(installed),
  };
}

/**
 * Packs `dist` as it is. Build it first.
 *
 * @param {string} folder where the file goes
 * @returns {{ filename: string, files: { path: string }[], size: number }} as `npm pack --json` describes it
 */
export function pack(folder) {
  const staging = mkdtempSync(join(tmpdir(), 'kling-pack-'));
  try {
    const manifest = publishedManifest();
    for (const entry of manifest.files) {
      if (!entry.startsWith('!'))
        cpSync(join(root, entry), join(staging, entry), { recursive: true });
    }
    writeFileSync(join(staging, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    const args = ['pack', staging, '--json', '--pack-destination', folder];
    const [packed] = JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8' }));
    return packed;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , folder] = process.argv;
  console.log(
    folder === undefined ? JSON.stringify(publishedManifest(), null, 2) : pack(folder).filename,
  );
}
