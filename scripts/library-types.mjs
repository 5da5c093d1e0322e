// @ts-check
// Copies the declarations that the entries for programs lead to from a folder of all declarations into the package. The
// others would name types of packages that are bundled and so not installed.
//
//   node scripts/library-types.mjs <all declarations> <package>

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BESIDE_THE_BUNDLE } from './published.mjs';

const [all, folder] = process.argv.slice(2);
if (all === undefined || folder === undefined) {
  throw new Error('Name two folders: `node scripts/library-types.mjs <declarations> <package>`.');
}

/** @type {Set<string>} */
const reached = new Set();
const left = ['library/main.d.ts', 'client/main.d.ts'];
for (const file of left) {
  if (reached.has(file)) continue;
  reached.add(file);
  const text = readFileSync(join(all, file), 'utf8');
  for (const [, name = ''] of text.matchAll(/\bfrom '([^']+)'|\bimport\('([^']+)'\)/g)) {
    if (BESIDE_THE_BUNDLE.includes(name)) continue;
    if (!name.startsWith('.')) throw new Error(`${file} names types of ${name}.`);
    left.push(join(dirname(file), name.replace(/\.[jt]s$/, '.d.ts')));
  }
}
for (const file of reached) {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  const text = readFileSync(join(all, file), 'utf8');
  writeFileSync(join(folder, file), text.replaceAll(/(\bfrom '[^']+)\.ts'/g, "$1.js'"));
}
