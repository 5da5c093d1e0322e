import type { DashboardPorts } from './ports.ts';
import type { Route } from './route.ts';

/** Endpoints for supervisors and Prometheus; the first two without a log-in. */
export const machineRoutes = (ports: DashboardPorts): Route[] => [
  {
    method: 'GET',
    path: '/healthz',
    access: 'anyone',
    handle: (context) => context.text('ok\n'),
  },
  {
    method: 'GET',
    path: '/readyz',
    access: 'anyone',
    handle: async (context) => {
      const why = await ports.readiness();
      return why === null ? context.text('ok\n') : context.text(`${why}\n`, 503);
    },
  },
  {
    method: 'GET',
    path: '/metrics',
    access: 'viewer',
    handle: async (context) => {
      const text = await ports.metrics.collect();
      return context.body(text, 200, { 'content-type': ports.metrics.contentType });
    },
  },
];
