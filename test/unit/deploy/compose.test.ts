import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { SETTINGS } from '../../../src/lib/settings/settings.ts';

const root = new URL('../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

interface Service {
  env_file?: string[];
  environment?: string[] | Record<string, string>;
}

const { services } = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, Service>;
};

/** What Compose sets whatever the files say, as `NAME=value`. */
function entriesOf(name: string): string[] {
  const { environment = [] } = services[name] ?? {};
  if (Array.isArray(environment)) return environment;
  return Object.entries(environment).map(([setting, value]) => `${setting}=${value}`);
}

/** The value of the shell if it has one; otherwise that of the files. */
const ofShell = (setting: string): string =>
  `\${${setting}:+${setting}=}\${${setting}:-NO_${setting}=}`;

describe('docker-compose.yml', () => {
  test.each(['worker', 'dashboard', 'cli'])('%s takes every setting from a file', (name) => {
    expect(services[name]?.env_file).toEqual([
      'deploy/compose/defaults.env',
      expect.stringContaining('{KLING_ENV_FILE:-deploy/compose/settings.env}'),
    ]);
  });

  // These override the file, so there may be no others. `.ci/try-settings.mjs` asks Compose itself.
  test.each([
    ['worker', 'COMETAPI_KEY', ['DASHBOARD_PASSWORD'], ['WORKER_HTTP_HOST', 'WORKER_HTTP_PORT']],
    ['dashboard', 'DASHBOARD_PASSWORD', ['COMETAPI_KEY'], ['DASHBOARD_HOST']],
    ['cli', null, ['COMETAPI_KEY', 'DASHBOARD_PASSWORD'], []],
  ])(
    '%s fixes where it listens, and has no secret that it does not need',
    (name, own, none, where) => {
      const entries = entriesOf(name).map((entry) =>
        where.some((setting) => entry.startsWith(`${setting}=`)) ? entry.split('=')[0] : entry,
      );
      const wanted = [...where, ...none.map((setting) => `${setting}=`)];
      expect(entries.toSorted()).toEqual([...wanted, ...(own ? [ofShell(own)] : [])].toSorted());
    },
  );

  test("only workers have the API's key, and practice has its own Redis", () => {
    const withKey = Object.keys(services).filter((name) =>
      entriesOf(name).includes(ofShell('COMETAPI_KEY')),
    );
    expect(withKey).toEqual(['worker']);
    const practice = ['sandbox-worker', 'sandbox-import', 'sandbox-cli'];
    for (const name of practice) {
      expect(services[name]?.env_file).toBeUndefined();
      expect(entriesOf(name)).toContain('COMETAPI_KEY=sandbox-key');
    }
    for (const name of [...practice, 'sandbox-dashboard']) {
      expect(entriesOf(name)).toContain('REDIS_URL=redis://redis:6379/1');
    }
    expect(entriesOf('sandbox-dashboard')).toEqual(
      expect.arrayContaining(['COMETAPI_KEY=', 'REDIS_KEY_SPACE=']),
    );
  });

  test.each([
    ['settings', 5],
    ['defaults', 1],
  ])('every setting in the file of %s exists', (name, atLeast) => {
    const text = read(`deploy/compose/${name}.env`);
    const names = Array.from(text.matchAll(/^#?([A-Z_]+)=/gm), ([, setting]) => setting);
    expect(names.length).toBeGreaterThan(atLeast);
    expect(Object.keys(SETTINGS)).toEqual(expect.arrayContaining(names));
  });
});
