import { html } from 'hono/html';
import type { HistoryView } from '../api/api-schemas.ts';
import type { Html } from '../dashboard-env.ts';
import { moment } from './words.ts';

/** Who did what, newest first. */
export const historyList = (history: HistoryView['entries'], nowMs: number): Html =>
  history.length === 0
    ? html`<p class="muted">No actions yet.</p>`
    : html`<ol class="plain history">${history.map(
        ({ atMs, who, what, reason }) =>
          html`<li><span class="muted">${moment(atMs, nowMs)}</span> <strong>${who}</strong> ${what}${reason !== null && html` <q>${reason}</q>`}</li>`,
      )}</ol>`;
