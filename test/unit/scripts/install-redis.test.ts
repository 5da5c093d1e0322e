import { describe, expect, it } from 'vitest';
import { planRedisInstall } from '../../../scripts/install/redis.mjs';

const debianUser = {
  platform: 'linux',
  isRoot: false,
  hasSudo: false,
  managers: ['apt-get'],
};
const macUser = { platform: 'darwin', isRoot: false, hasSudo: false, managers: ['brew'] };

function firstCommand(machine: typeof debianUser): string {
  const plan = planRedisInstall(machine);
  return plan.kind === 'install' ? (plan.attempts[0]?.[0]?.join(' ') ?? '') : plan.sentence;
}

describe('installing Redis', () => {
  it.each([
    ['root on Debian', { ...debianUser, isRoot: true }, /^env .*apt-get .* install -y/],
    ['sudo on Debian', { ...debianUser, hasSudo: true }, /^sudo -n env .*apt-get .* install -y/],
    ['a plain user on Debian', debianUser, /Type: .*sudo apt-get install -y redis-server$/],
    ['Homebrew on a Mac', macUser, /^brew install redis$/],
    [
      'root on a Mac, which brew refuses',
      { ...macUser, isRoot: true },
      /Type: brew install redis$/,
    ],
    ['a user on Fedora', { ...debianUser, managers: ['dnf'] }, /Type: sudo dnf install -y redis$/],
    ['nothing known', { ...debianUser, managers: [] }, /Install redis-server or valkey-server$/],
  ])('Redis is installed with %s', (_with, machine, expected) => {
    expect(firstCommand(machine)).toMatch(expected);
  });

  it('installing Redis fetches the package list only when the first try fails', () => {
    const plan = planRedisInstall({ ...debianUser, isRoot: true });
    const verbs = plan.kind === 'install' && plan.attempts.map((commands) => commands.map(aptVerb));
    expect(verbs).toEqual([['install'], ['update', 'install']]);
  });
});

function aptVerb(command: readonly string[]): string | undefined {
  return command.find((word) => word === 'install' || word === 'update');
}
