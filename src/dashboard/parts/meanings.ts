import { html } from 'hono/html';
import { STATUS_MEANINGS } from '../../lib/core/row/explain-status.ts';
import type { RowStatus } from '../../lib/report/read-entries.ts';
import type { Html } from '../dashboard-env.ts';

/** What the words for rows mean, to unfold. */
export const meanings = (statuses: readonly RowStatus[]): Html =>
  statuses.length === 0
    ? html``
    : html`<details id="meanings" class="meanings"><summary>What these words mean</summary><dl class="facts wide">${statuses.map(
        (status) =>
          html`<dt><i class="dot f-${status}"></i>${status}</dt><dd>${STATUS_MEANINGS[status]}</dd>`,
      )}</dl></details>`;
