import { html } from 'hono/html';
import type { Batch } from '../../lib/core/batch/batch.ts';
import { formatCount, formatRows } from '../../lib/core/in-words.ts';
import { OUTCOME_STATUSES, PENDING_STATES } from '../../lib/core/row/row.ts';
import type { RowStatus } from '../../lib/report/read-entries.ts';
import type { RowPageView } from '../api/api-schemas.ts';
import type { DashboardContext, Html } from '../dashboard-env.ts';
import type { DashboardPorts } from '../ports.ts';
import { readRows } from '../read/read-rows.ts';
import { type Route, view } from '../route.ts';
import { page } from './layout.ts';
import { refuse } from './refusal.ts';

/** The filter in the address, which stays valid as long as the batch exists. */
interface Filter {
  state: RowStatus | '';
  code: string;
  text: string;
  fromRow: number;
}

const STATUSES: readonly RowStatus[] = [...PENDING_STATES, ...OUTCOME_STATUSES];
const LIMIT = 50;
const SHOWN_CELLS = 4;

/** Rows of a batch, by state, error code and text. */
export const rowsRoutes = (ports: DashboardPorts): Route[] => [
  view('/batches/:id/rows', async (context) => {
    const id = context.req.param('id') ?? '';
    const batch = await ports.store.readBatch(id);
    if (batch === null) return await refuse(context, { kind: 'not_found', what: `batch ${id}` });
    const filter = filterOf(context);
    const found = await readRows(ports, batch, {
      statuses: filter.state === '' ? null : new Set([filter.state]),
      code: filter.code === '' ? null : filter.code,
      text: filter.text === '' ? null : filter.text,
      fromRow: filter.fromRow,
      limit: LIMIT,
    });
    const content = rowsPage(batch, filter, found);
    return await page(context, { title: `Rows of ${id}`, content });
  }),
];

function filterOf({ req }: DashboardContext): Filter {
  return {
    state: STATUSES.find((name) => name === req.query('state')) ?? '',
    code: (req.query('code') ?? '').slice(0, 200),
    text: (req.query('text') ?? '').trim().slice(0, 200),
    fromRow: Number(/^[1-9]\d{0,9}$/.exec(req.query('from') ?? '')?.[0] ?? 1),
  };
}

function rowsPage(batch: Batch, filter: Filter, found: RowPageView): Html {
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

function table({ id }: Batch, { columns, rows, isCutShort }: RowPageView): Html {
  if (rows.length === 0) {
    return html`<p class="muted">${isCutShort ? 'No match among the rows searched so far.' : 'No row matches.'}</p>`;
  }
  return html`<table class="stacks"><thead><tr><th class="number">Row</th><th>State</th><th>Manifest</th><th>Session, or what went wrong</th></tr></thead>
    <tbody>${rows.map((row) => line(id, columns, row))}</tbody></table>`;
}

type ShownRow = RowPageView['rows'][number];

function line(id: string, columns: readonly string[], shownRow: ShownRow): Html {
  const { row, status, cells } = shownRow;
  const shown = cells
    .map((cell, index) => ({ cell, column: columns[index] ?? '' }))
    .filter(({ cell }) => cell !== '')
    .slice(0, SHOWN_CELLS)
    .map(({ cell, column }) => html`<span title="${column}">${cell.slice(0, 120)}</span> `);
  return html`<tr><th scope="row" class="number"><a href="/batches/${id}/rows/${row}">${row}</a></th>
    <td class="nowrap"><i class="dot f-${status}"></i>${status}</td><td class="clip cells">${shown}</td><td class="clip">${outcome(shownRow)}</td></tr>`;
}

const outcome = ({ session, error }: ShownRow): Html =>
  html`${session && html`<code>${session.id}</code>`} ${error && html`<code>${error.code}</code> <span class="muted">${error.message}</span>`}`;

/** How far a search has come that ran out of time. */
function progress(
  { rows }: Batch,
  { fromRow }: Filter,
  { nextRow, isCutShort }: RowPageView,
): Html {
  if (nextRow === null || !isCutShort) return html``;
  const [from, to, all] = [fromRow, nextRow - 1, rows].map(formatCount);
  return html`<p class="muted" role="status">Searched rows ${from} to ${to} of ${all} so far.</p>`;
}

function pager(
  { id }: Batch,
  filter: Filter,
  { rows, nextRow, isCutShort, total }: RowPageView,
): Html {
  const { state, code, text, fromRow } = filter;
  const linkOf = (from: number): string =>
    `/batches/${id}/rows?${new URLSearchParams({ state, code, text, from: String(from) })}`;
  return html`<nav class="pager" aria-label="Pages">${fromRow > 1 && html`<a href="${linkOf(1)}">⇤ From the first row</a>`}
    ${nextRow !== null && html`<a href="${linkOf(nextRow)}" rel="next" data-onward="${isCutShort && rows.length === 0 ? 'yes' : 'no'}">${isCutShort ? `Continue from row ${formatCount(nextRow)}` : 'After'} →</a>`}
    ${total !== null && total > 0 && html`<span class="muted end">${formatRows(total)}</span>`}</nav>`;
}
