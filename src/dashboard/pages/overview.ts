import { html } from 'hono/html';
import { explainGate } from '../../lib/core/explain-gate.ts';
import type { DashboardPorts } from '../ports.ts';
import { type Route, view } from '../route.ts';
import { page } from './layout.ts';

export const overviewRoutes = (ports: DashboardPorts): Route[] => [
  view('/', async (context) => {
    const { gate, nowMs } = await ports.gateStore.read();
    const sentence = explainGate(gate, nowMs) ?? 'Open: the API is called as rows come.';
    return await page(context, {
      title: 'Overview',
      content: html`<h1>Overview</h1><p>${sentence}</p>`,
    });
  }),
];
