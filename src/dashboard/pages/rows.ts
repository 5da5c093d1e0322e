import { html } from 'hono/html';
import type { Batch } from '../../lib/core/batch/batch.ts';
import { formatCount, formatRows } from '../../lib/core/in-words.ts';
import { OUTCOME_STATUSES, PENDING_STATES } from '../../lib/core/row/row.ts';
import type { RowStatus } from '../../lib/report/read-entries.ts';
import type { DashboardContext, Html } from '../dashboard-env.ts';
import { oneOf, textUpTo, wholeNumber } from '../parameters.ts';
import { meanings } from '../parts/meanings.ts';
import { selectBar, tickBox, tickHead } from '../parts/select-bar.ts';
import type { DashboardPorts } from '../ports.ts';
import { type RowsPage, readRows } from '../read/read-rows.ts';
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
const PARAMETERS = {
  state: oneOf(STATUSES),
  code: textUpTo(200),
  text: textUpTo(200),
  from: wholeNumber(1),
};
const LIMIT = 50;
const SHOWN_CELLS = 4;

/** Rows of a batch, by state, error code and text. */
export const rowsRoutes = (ports: DashboardPorts): Route[] => [
  view(
    '/batches/:id/rows',
    async (context) => {
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
      const content = rowsPage(context, batch, filter, found);
      return await page(context, { title: `Rows of ${id}`, content });
    },
    PARAMETERS,
  ),
];

function filterOf({ req }: DashboardContext): Filter {
  return {
    state: STATUSES.find((name) => name === req.query('state')) ?? '',
    code: (req.query('code') ?? '').slice(0, 200),
    text: (req.query('text') ?? '').trim().slice(0, 200),
    fromRow: Number(/^[1-9]\d{0,9}$/.exec(req.query('from') ?? '')?.[0] ?? 1),
  };
}

function rowsPage(context: DashboardContext, batch: Batch, filter: Filter, found: RowsPage): Html {
  const canSelect = context.var.user.role === 'operator' && found.rows.length > 0;
  return html`<h1>Rows of <a href="/batches/${batch.id}">${batch.id}</a></h1>${filterForm(filter)}${meanings(STATUSES)}
    ${canSelect && selecting(context, batch, filter, found)}
    <section class="card wide" aria-label="Rows">${table(batch, found, canSelect)}${progress(batch, filter, found)}${pager(batch, filter, found)}</section>`;
}

function selecting(
  context: DashboardContext,
  { id }: Batch,
  { state, code, text }: Filter,
  { total }: RowsPage,
): Html {
  const all = total === null ? 'all that match' : `all ${formatCount(total)} that match`;
  return selectBar(context, {
    kept: { of: id, state, code, text },
    all: html`${all}`,
    buttons: [
      { verb: 'retry', words: 'Retry' },
      { verb: 'refresh', words: 'Open new sessions' },
    ],
    more: html`<label class="grow">Reason <input name="reason" form="act" maxlength="300" placeholder="kept in the history"></label>`,
  });
}

const filterForm = ({
  state,
  code,
  text,
}: Filter): Html => html`<form class="filter" role="search" aria-label="Filter">
  <label>State <select name="state"><option value="">all</option>${STATUSES.map((name) =>
    name === state ? html`<option selected>${name}</option>` : html`<option>${name}</option>`,
  )}</select></label>
  <label>Error code <input name="code" value="${code}" placeholder="http_404"></label>
  <label class="grow">Text <input type="search" name="text" value="${text}" placeholder="part of a cell"></label>
  <button>Show</button></form>`;

function table({ id }: Batch, { columns, rows, isCutShort }: RowsPage, canSelect: boolean): Html {
  if (rows.length === 0) {
    return html`<p class="muted">${isCutShort ? 'No match among the rows searched so far.' : html`No row matches. <a href="/batches/${id}/rows">Show all rows</a>`}</p>`;
  }
  return html`<table class="stacks"><thead><tr>${canSelect && tickHead}<th class="number">Row</th><th>State</th><th>Manifest</th><th>Session, or what went wrong</th></tr></thead>
    <tbody>${rows.map((row) => line(id, columns, row, canSelect))}</tbody></table>`;
}

type ShownRow = RowsPage['rows'][number];

function line(
  id: string,
  columns: readonly string[],
  shownRow: ShownRow,
  canSelect: boolean,
): Html {
  const { row, status, cells } = shownRow;
  const shown = cells
    .map((cell, index) => ({ cell, column: columns[index] ?? '' }))
    .filter(({ cell }) => cell !== '')
    .slice(0, SHOWN_CELLS)
    .map(({ cell, column }) => html`<span title="${column}">${cell.slice(0, 120)}</span> `);
  return html`<tr>${canSelect && tickBox('row', row, `Row ${row}`)}<th scope="row" class="number"><a href="/batches/${id}/rows/${row}">${row}</a></th>
    <td class="nowrap"><i class="dot f-${status}"></i>${status}</td><td class="clip cells">${shown}</td><td class="clip">${outcome(shownRow)}</td></tr>`;
}

const outcome = ({ session, error }: ShownRow): Html =>
  html`${session && html`<code>${session.id}</code>`} ${error && html`<code>${error.code}</code> <span class="muted">${error.message}</span>`}`;

/** How far a search got before its time ran out. */
function progress({ rows }: Batch, { fromRow }: Filter, { nextRow, isCutShort }: RowsPage): Html {
  if (nextRow === null || !isCutShort) return html``;
  const [from, to, all] = [fromRow, nextRow - 1, rows].map(formatCount);
  return html`<p class="muted" role="status">Searched rows ${from} to ${to} of ${all} so far.</p>`;
}

function pager(
  { id }: Batch,
  filter: Filter,
  { rows, nextRow, isCutShort, total }: RowsPage,
): Html {
  const { state, code, text, fromRow } = filter;
  const linkOf = (from: number): string =>
    `/batches/${id}/rows?${new URLSearchParams({ state, code, text, from: String(from) })}`;
  return html`<nav class="pager" aria-label="Pages">${fromRow > 1 && html`<a href="${linkOf(1)}">⇤ From the first row</a>`}
    ${nextRow !== null && html`<a href="${linkOf(nextRow)}" rel="next" data-onward="${isCutShort && rows.length === 0 ? 'yes' : 'no'}">${isCutShort ? `Continue from row ${formatCount(nextRow)}` : 'After'} →</a>`}
    ${total !== null && total > 0 && html`<span class="muted end">${formatRows(total)}</span>`}</nav>`;
}
