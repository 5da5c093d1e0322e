import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { SETTINGS } from '../../../src/lib/settings/settings.ts';

const root = new URL('../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

interface Service {
  env_file?: string;
  environment: Record<string, string>;
}

const { services } = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, Service>;
};

describe('docker-compose.yml', () => {
  test.each(['worker', 'dashboard', 'cli'])('%s takes every setting from a file', (name) => {
    expect(services[name]?.env_file).toContain('deploy/compose/settings.env');
  });

  // Entries under `environment` override the file, so there may be no others.
  test.each(['worker', 'dashboard', 'cli'])('%s fixes only what the file cannot know', (name) => {
    const own = ['REDIS_URL', 'COMETAPI_KEY', 'DASHBOARD_PASSWORD'];
    const listening = ['WORKER_HTTP_HOST', 'WORKER_HTTP_PORT', 'DASHBOARD_HOST'];
    const fixed = Object.keys(services[name]?.environment ?? {});
    expect([...own, ...listening]).toEqual(expect.arrayContaining(fixed));
  });

  test("only workers have the API's key", () => {
    const holders = Object.keys(services).filter((name) =>
      services[name]?.environment?.COMETAPI_KEY?.includes('${COMETAPI_KEY'),
    );
    expect(holders).toEqual(['worker']);
  });

  test('every setting in the file exists', () => {
    const text = read('deploy/compose/settings.env');
    const names = Array.from(text.matchAll(/^#?([A-Z_]+)=/gm), ([, name]) => name);
    expect(names.length).toBeGreaterThan(5);
    expect(Object.keys(SETTINGS)).toEqual(expect.arrayContaining(names));
  });
});
