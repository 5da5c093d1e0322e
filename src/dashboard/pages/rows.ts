import { html } from 'hono/html';
import type { Batch } from '../../lib/core/batch.ts';
import { formatCount } from '../../lib/core/in-words.ts';
import { OUTCOME_STATUSES, PENDING_STATES } from '../../lib/core/row.ts';
import { type RowStatus, statusOf } from '../../lib/report/read-entries.ts';
import type { ReportEntry } from '../../lib/report/report-formatter.ts';
import { findRows, type RowPage } from '../../lib/rows/find-rows.ts';
import { showCells } from '../../lib/rows/show-cells.ts';
import type { DashboardContext, Html } from '../dashboard-env.ts';
import type { DashboardPorts } from '../ports.ts';
import { type Route, view } from '../route.ts';
import { page } from './layout.ts';
import { refuse } from './refusal.ts';

/** As it stands in the address, which is good for as long as the batch is there. */
interface Filter {
  state: string;
  code: string;
  text: string;
  fromRow: number;
}

const STATUSES: readonly RowStatus[] = [...PENDING_STATES, ...OUTCOME_STATUSES];
const LIMIT = 50;
/** A page is to be there within 100 ms: then what was found so far is shown, with a link that goes on. */
const BUDGET_MS = 60;

/** Rows of a batch, by state, error code and text. */
export const rowsRoutes = (ports: DashboardPorts): Route[] => [
  view('/batches/:id/rows', async (context) => {
    const id = context.req.param('id') ?? '';
    const batch = await ports.store.readBatch(id);
    if (batch === null) return await refuse(context, { kind: 'not_found', what: `batch ${id}` });
    const filter = filterOf(context);
    const found = await findRows(ports, batch, {
      statuses: new Set(STATUSES.filter((name) => filter.state === '' || name === filter.state)),
      code: filter.code === '' ? null : filter.code,
      text: filter.text === '' ? null : filter.text,
      fromRow: filter.fromRow,
      limit: LIMIT,
      budgetMs: BUDGET_MS,
    });
    const content = rowsPage(batch, filter, found);
    return await page(context, { title: `Rows of ${id}`, content });
  }),
];

function filterOf({ req }: DashboardContext): Filter {
  const state = req.query('state') ?? '';
  return {
    state: STATUSES.some((name) => name === state) ? state : '',
    code: (req.query('code') ?? '').slice(0, 200),
    text: (req.query('text') ?? '').trim().slice(0, 200),
    fromRow: Number(/^[1-9]\d{0,9}$/.exec(req.query('from') ?? '')?.[0] ?? 1),
  };
}

function rowsPage(batch: Batch, filter: Filter, found: RowPage): Html {
  return html`<h1>Rows of <a href="/batches/${batch.id}">${batch.id}</a></h1>${filterForm(filter)}
    <section class="card wide" aria-label="Rows">${table(batch, found)}${progress(batch, filter, found)}${pager(batch, filter, found)}</section>`;
}

const filterForm = ({ state, code, text }: Filter): Html => html`<form class="filter" role="search">
  <label>State <select name="state"><option value="">all</option>${STATUSES.map((name) =>
    name === state ? html`<option selected>${name}</option>` : html`<option>${name}</option>`,
  )}</select></label>
  <label>Error code <input name="code" value="${code}" placeholder="http_404"></label>
  <label class="grow">Text <input type="search" name="text" value="${text}" placeholder="part of a cell"></label>
  <button>Show</button></form>`;

function table({ id, shape }: Batch, { entries, isCutShort }: RowPage): Html {
  if (entries.length === 0) {
    return html`<p class="muted">${isCutShort ? 'None among the rows looked at so far.' : 'No row is like that.'}</p>`;
  }
  return html`<table><thead><tr><th class="number">Row</th><th>State</th><th>Manifest</th><th>Session, or what went wrong</th></tr></thead>
    <tbody>${entries.map((entry) => line(id, shape.columns, entry))}</tbody></table>`;
}

function line(id: string, columns: readonly string[], entry: ReportEntry): Html {
  const { row, result } = entry;
  const status = statusOf(result);
  const cells = showCells(row).slice(0, 4);
  const shown = cells.map(
    (cell, index) => html`<span title="${columns[index] ?? ''}">${cell.slice(0, 120)}</span> `,
  );
  return html`<tr><th scope="row" class="number"><a href="/batches/${id}/rows/${row.row}">${row.row}</a></th>
    <td class="nowrap"><i class="dot f-${status}"></i>${status}</td><td class="clip">${shown}</td><td class="clip">${outcome(result)}</td></tr>`;
}

function outcome(result: ReportEntry['result']): Html {
  if (typeof result === 'string') return html``;
  const { session, error } = result;
  return html`${session && html`<code>${session.id}</code>`} ${error && html`<code>${error.code}</code> <span class="muted">${error.message}</span>`}`;
}

/** How far a search has come whose time was over. */
function progress({ rows }: Batch, { fromRow }: Filter, { nextRow, isCutShort }: RowPage): Html {
  if (nextRow === null || !isCutShort) return html``;
  const [from, to, all] = [fromRow, nextRow - 1, rows].map(formatCount);
  return html`<p class="muted" role="status">Searched rows ${from} to ${to} of ${all} so far.</p>`;
}

function pager({ id }: Batch, filter: Filter, { entries, nextRow, isCutShort }: RowPage): Html {
  const { state, code, text, fromRow } = filter;
  const linkOf = (from: number): string =>
    `/batches/${id}/rows?${new URLSearchParams({ state, code, text, from: String(from) })}`;
  return html`<nav class="pager" aria-label="Pages">${fromRow > 1 && html`<a href="${linkOf(1)}">⇤ From the first row</a>`}
    ${nextRow !== null && html`<a href="${linkOf(nextRow)}" rel="next" data-onward="${isCutShort && entries.length === 0 ? 'yes' : 'no'}">${isCutShort ? `Search on from row ${formatCount(nextRow)}` : 'After'} →</a>`}</nav>`;
}
