import { actApi } from '../acts.ts';
import { answerOnce } from '../answer-once.ts';
import { bulkApi } from '../bulk/bulk-api.ts';
import type { StreamLimit } from '../live/stream-limit.ts';
import type { DashboardPorts } from '../ports.ts';
import type { Route } from '../route.ts';
import { uploadApi } from '../uploads/upload-api.ts';
import { API_ROOT, type ApiRoute } from './api-route.ts';
import { batchApi } from './batch-api.ts';
import { gateApi } from './gate-api.ts';
import { describeApi } from './openapi.ts';
import { overviewApi } from './overview-api.ts';
import { resultApi } from './result-api.ts';
import { rowApi } from './row-api.ts';
import { scheduleApi } from './schedule-api.ts';

/** All routes in the API's description. */
export const listApiRoutes = (ports: DashboardPorts, streams: StreamLimit): ApiRoute[] => [
  ...overviewApi(ports),
  ...batchApi(ports),
  ...rowApi(ports),
  ...resultApi(ports, streams),
  ...actApi(ports),
  ...bulkApi(ports),
  ...gateApi(ports),
  ...scheduleApi(ports),
  ...uploadApi(ports),
];

/** The API and its description. */
export function apiRoutes(ports: DashboardPorts, streams: StreamLimit): Route[] {
  const routes = listApiRoutes(ports, streams).map((route) => answerOnce(ports, route));
  return [
    ...routes,
    {
      method: 'GET',
      path: `${API_ROOT}/openapi.json`,
      access: 'viewer',
      handle: (context) => context.json(describeApi(routes, ports.version)),
    },
  ];
}
