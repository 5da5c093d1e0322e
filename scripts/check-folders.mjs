// @ts-check
// Fails if a folder of code has too many files to be read at a glance. Its subject then has parts: give each a folder.

import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

const MOST_FILES = 16;

const root = dirname(import.meta.dirname);
/** @type {Map<string, number>} */
const counts = new Map();
for (const place of ['src', 'test', 'bench', 'scripts']) {
  for (const name of readdirSync(join(root, place), { recursive: true, encoding: 'utf8' })) {
    if (!/\.(ts|mjs)$/.test(name)) continue;
    const folder = dirname(join(place, name));
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
}
for (const [folder, count] of counts) {
  if (count <= MOST_FILES) continue;
  console.error(`${folder} has ${count} files; no folder may have more than ${MOST_FILES}.`);
  process.exitCode = 1;
}
