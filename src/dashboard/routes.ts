import { assetRoutes } from './assets.ts';
import type { Access } from './auth/access.ts';
import { loginRoutes } from './auth/login-routes.ts';
import { limitRoutes } from './pages/limits.ts';
import { overviewRoutes } from './pages/overview.ts';
import type { DashboardPorts } from './ports.ts';
import type { Route } from './route.ts';

/** Everything that the dashboard answers to. */
export const listRoutes = (ports: DashboardPorts, access: Access): Route[] => [
  ...assetRoutes(),
  ...loginRoutes(access),
  ...overviewRoutes(ports),
  ...limitRoutes(ports),
];
