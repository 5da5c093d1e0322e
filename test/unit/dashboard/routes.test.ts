import { expect, test } from 'vitest';
import type { Access } from '../../../src/dashboard/auth/access.ts';
import { LiveHub } from '../../../src/dashboard/live/live-hub.ts';
import type { DashboardPorts } from '../../../src/dashboard/ports.ts';
import { listRoutes } from '../../../src/dashboard/routes.ts';

// Listing touches none of them.
const routes = listRoutes({} as DashboardPorts, { kind: 'login' } as Access, new LiveHub(1_000));

test('every route other than GET is for operators, except logging in and out', () => {
  const changes = routes.filter(({ method }) => method !== 'GET');
  const open = changes.filter(({ access }) => access !== 'operator').map(({ path }) => path);
  expect(open).toEqual(['/login', '/logout']);
  expect(changes.length).toBeGreaterThan(open.length);
});

test('only the log-in page, its assets and the health check exist without a log-in', () => {
  const open = routes.filter(({ access }) => access === 'anyone').map(({ path }) => path);
  const known = /^\/(assets\/.*|login|logout|healthz|readyz)$/;
  expect(open.filter((path) => !known.test(path))).toEqual([]);
});

test('viewing a schedule is not mistaken for creating one', () => {
  const paths = routes.map(({ path }) => path).filter((path) => path.startsWith('/schedules/'));
  expect(paths.indexOf('/schedules/-/new')).toBeLessThan(paths.indexOf('/schedules/:name/edit'));
});

test('no route exists twice', () => {
  const names = routes.map(({ method, path }) => `${method} ${path}`);
  expect(names).toEqual([...new Set(names)]);
});
