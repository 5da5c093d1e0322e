// @ts-check
import { spawnSync } from 'node:child_process';
import { findProgram } from '../find-program.mjs';

/**
 * @typedef {object} Machine
 * @property {string} platform as in process.platform
 * @property {boolean} isRoot
 * @property {boolean} hasSudo whether sudo works without asking for a password
 * @property {readonly string[]} managers the package managers found, such as `apt-get`
 */

/**
 * @typedef {{ kind: 'install', manager: string, attempts: string[][][] }
 *   | { kind: 'tell', sentence: string }} Plan
 * `attempts` are tried in turn until one succeeds. Each is a list of commands, which must all succeed.
 */

/**
 * @typedef {object} Wanted
 * @property {string} name the usual name
 * @property {string} debian its package for `apt-get`
 * @property {string} brew its package for Homebrew
 * @property {Record<string, string>} commandsToType what to type if this script may not install, by package manager
 * @property {string} otherwise what to do without any of these managers
 */

/**
 * Both variables keep a package's service from starting now. kling-sessions starts its own Redis servers, and
 * the user did not ask for another one on port 6379.
 */
const quietApt = ['env', 'DEBIAN_FRONTEND=noninteractive', 'SYSTEMD_OFFLINE=1', 'RUNLEVEL=1'];

/**
 * @param {Machine} machine
 * @param {Wanted} wanted
 * @returns {Plan}
 */
export function planInstall({ platform, isRoot, hasSudo, managers }, wanted) {
  if (platform === 'linux' && managers.includes('apt-get') && (isRoot || hasSudo)) {
    // A freshly started machine often upgrades itself: wait for that.
    const apt = [
      ...(isRoot ? [] : ['sudo', '-n']),
      ...quietApt,
      ...['apt-get', '-o', 'DPkg::Lock::Timeout=120'],
    ];
    const install = [...apt, 'install', '-y', '--no-install-recommends', wanted.debian];
    // The package list of a fresh machine is empty or stale: fetch it only if the install fails.
    return {
      kind: 'install',
      manager: 'apt-get',
      attempts: [[install], [[...apt, 'update'], install]],
    };
  }
  if (managers.includes('brew') && !isRoot) {
    return { kind: 'install', manager: 'brew', attempts: [[['brew', 'install', wanted.brew]]] };
  }
  const command = Object.entries(wanted.commandsToType).find(([manager]) =>
    managers.includes(manager),
  );
  const how = command === undefined ? wanted.otherwise : `Type: ${command[1]}`;
  return {
    kind: 'tell',
    sentence: `No ${wanted.name} was found, and it may not be installed from here. ${how}`,
  };
}

/**
 * @throws Error with the one command to type, if there is no way to install it.
 *
 * @param {Wanted} wanted
 */
export function installPackage(wanted) {
  const plan = planInstall(lookAtMachine(wanted), wanted);
  if (plan.kind === 'tell') throw new Error(plan.sentence);
  console.log(`Installing ${wanted.name} with ${plan.manager} …`);
  const outputs = [];
  for (const commands of plan.attempts) {
    const failed = commands.map(runQuietly).find((result) => !result.ok);
    if (failed === undefined) return;
    outputs.push(failed.output);
  }
  throw new Error(`${outputs.at(-1)}\n${wanted.name} could not be installed; see above.`);
}

/**
 * @param {Wanted} wanted
 * @returns {Machine}
 */
function lookAtMachine(wanted) {
  const path = process.env.PATH;
  return {
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    hasSudo: findProgram(['sudo'], path) !== undefined && runQuietly(['sudo', '-n', 'true']).ok,
    managers: Object.keys(wanted.commandsToType).filter((name) => findProgram([name], path)),
  };
}

/** @param {string[]} command */
function runQuietly([program = '', ...args]) {
  const result = spawnSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return { ok: result.status === 0, output: `${result.stdout ?? ''}${result.stderr ?? ''}`.trim() };
}
