// @ts-check
import { spawnSync } from 'node:child_process';

/** @typedef {{ commit: string | null, isChanged: boolean, builtOn: string }} BuildInfo */

/** The inputs of a build; changes elsewhere do not make another program. */
const built = ['src', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];

/**
 * The origin of a build, for `--version`. Without git, as in an image's build, SOURCE_COMMIT may name
 * the commit. SOURCE_DATE_EPOCH replaces the current day.
 *
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @returns {BuildInfo}
 */
export function describeSource(root, env = process.env) {
  const epochS = Number(env.SOURCE_DATE_EPOCH || Date.now() / 1_000);
  const builtOn = new Date(epochS * 1_000).toISOString().slice(0, 10);
  if (env.SOURCE_COMMIT) {
    return { commit: env.SOURCE_COMMIT.slice(0, 7), isChanged: false, builtOn };
  }
  // The prefix is empty at the top of a work tree: a copy inside another one has no part in its history.
  const [prefix, commit] = git(root, 'rev-parse', '--show-prefix', '--short', 'HEAD') ?? [];
  if (prefix !== '' || commit === undefined) return { commit: null, isChanged: false, builtOn };
  const changes = git(root, 'status', '--porcelain', '--', ...built) ?? [];
  return { commit, isChanged: changes.some((line) => line !== ''), builtOn };
}

/**
 * Lines of git's answer; null without git, or if git refuses.
 *
 * @param {string} root
 * @param {...string} args
 */
function git(root, ...args) {
  const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  return status === 0 ? stdout.split('\n') : null;
}
