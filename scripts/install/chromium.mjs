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

/** @param {string | undefined} path the PATH to search */
export function findChromium(path) {
  return findProgram(
    ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'],
    path,
  );
}

/** Without Chromium the tests of the dashboard are skipped, except in continuous integration, where it is required. */
export function installChromium() {
  try {
    installPackage(chromium);
  } catch (error) {
    if (process.env.CI) throw error;
    const why = error instanceof Error ? error.message : String(error);
    console.log(`The tests of the dashboard will be skipped: ${why}`);
  }
}
