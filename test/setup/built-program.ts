// Global set-up of the projects that start the program as a user does: dist is that of src.

import { fileURLToPath } from 'node:url';
import { build, isBuilt } from '../../scripts/build.mjs';
import { withLock } from '../../scripts/lock.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

export async function setup(): Promise<void> {
  if (isBuilt(root)) return;
  await withLock(`${root}/.kling-sessions/setup.lock`, () => {
    if (!isBuilt(root)) build(root);
  });
}
