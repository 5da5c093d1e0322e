import type { HistoryView } from '../api/api-schemas.ts';
import type { DashboardPorts } from '../ports.ts';

const LISTED = 200;

/** Changes that concern no batch, newest first: limits, the gate, schedules. */
export const readChanges = async ({ audit }: DashboardPorts): Promise<HistoryView> => ({
  entries: await audit.read(LISTED),
});
