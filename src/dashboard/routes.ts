import { actRoutes } from './acts.ts';
import { apiRoutes } from './api/api-routes.ts';
import { assetRoutes } from './assets.ts';
import type { Access } from './auth/access.ts';
import { loginRoutes } from './auth/login-routes.ts';
import type { LiveHub } from './live/live-hub.ts';
import { machineRoutes } from './machine-routes.ts';
import { batchRoutes } from './pages/batch.ts';
import { batchesRoutes } from './pages/batches.ts';
import { bulkActionRoutes } from './pages/bulk-actions.ts';
import { limitRoutes } from './pages/limits.ts';
import { overviewRoutes } from './pages/overview.ts';
import { reportRoutes } from './pages/report-routes.ts';
import { rowRoutes } from './pages/row.ts';
import { rowsRoutes } from './pages/rows.ts';
import { scheduleRoutes } from './pages/schedules/schedule.ts';
import { scheduleEditRoutes } from './pages/schedules/schedule-edit.ts';
import { schedulesRoutes } from './pages/schedules/schedules.ts';
import { timingPreviewRoutes } from './pages/schedules/timing-preview.ts';
import { searchRoutes } from './pages/search.ts';
import { tokenRoutes } from './pages/tokens.ts';
import { uploadRoutes } from './pages/upload.ts';
import type { DashboardPorts } from './ports.ts';
import { queueBoardRoutes } from './queue-board.ts';
import type { Route } from './route.ts';
import { scheduleActRoutes } from './schedules/schedule-acts.ts';

/** All routes of the dashboard. */
export const listRoutes = (ports: DashboardPorts, access: Access, hub: LiveHub): Route[] => [
  ...assetRoutes(),
  ...machineRoutes(ports),
  ...apiRoutes(ports, hub.streams),
  ...queueBoardRoutes(ports),
  ...loginRoutes(access),
  ...overviewRoutes(ports, hub),
  ...searchRoutes(ports),
  ...batchesRoutes(ports, hub),
  ...reportRoutes(ports),
  ...actRoutes(ports),
  ...bulkActionRoutes(ports, hub),
  ...rowsRoutes(ports),
  ...rowRoutes(ports, hub),
  ...batchRoutes(ports, hub),
  ...schedulesRoutes(ports, hub),
  ...scheduleEditRoutes(ports),
  ...timingPreviewRoutes(ports),
  ...scheduleActRoutes(ports),
  ...scheduleRoutes(ports, hub),
  ...limitRoutes(ports, hub),
  ...tokenRoutes(ports),
  ...uploadRoutes(ports),
];
