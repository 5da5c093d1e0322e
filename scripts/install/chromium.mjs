// @ts-check
import { findProgram } from '../find-program.mjs';
import { installPackage } from './system-package.mjs';

/**
 * Only the tests of the dashboard need it.
 *
 * @type {import('./system-package.mjs').Wanted}
 */
const chromium = {
  name: 'chromium',
  debian: 'chromium',
  brew: 'chromium',
  commandsToType: {
    'apt-get': 'sudo apt-get update && sudo apt-get install -y chromium',
    brew: 'brew install chromium',
    dnf: 'sudo dnf install -y chromium',
    apk: 'sudo apk add chromium',
    pacman: 'sudo pacman -S chromium',
  },
  otherwise: 'Install Chromium or Chrome',
};

/** Chromium without windows: tests take a quarter less CPU time. Debian has it as a package, Ubuntu does not. */
const headlessShell = { ...chromium, debian: 'chromium-headless-shell' };

/** @param {string | undefined} path the PATH to search */
export function findChromium(path) {
  const shell = 'chromium-headless-shell';
  return findProgram(
    [shell, 'chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'],
    path,
  );
}

/** Without Chromium the tests of the dashboard are skipped, except in continuous integration, where it is required. */
export function installChromium() {
  try {
    installFirst([headlessShell, chromium]);
  } catch (error) {
    if (process.env.CI) throw error;
    const why = error instanceof Error ? error.message : String(error);
    console.log(`The tests of the dashboard will be skipped: ${why}`);
  }
}

/** @param {import('./system-package.mjs').Wanted[]} choices the best one first */
function installFirst([best, ...others]) {
  if (best === undefined) return;
  try {
    installPackage(best);
  } catch (error) {
    if (others.length === 0) throw error;
    installFirst(others);
  }
}
