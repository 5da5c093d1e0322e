import { html } from 'hono/html';
import type { Batch } from '../../lib/core/batch/batch.ts';
import { formatSpan } from '../../lib/core/in-words.ts';
import type { RowView } from '../api/api-schemas.ts';
import type { Html } from '../dashboard-env.ts';
import type { LiveHub } from '../live/live-hub.ts';
import { livePage } from '../live/live-page.ts';
import { moment } from '../parts/words.ts';
import type { DashboardPorts } from '../ports.ts';
import { readRow } from '../read/read-rows.ts';
import type { Route } from '../route.ts';

interface Facts {
  batch: Batch;
  row: RowView;
  nowMs: number;
}

type ShownOutcome = NonNullable<RowView['outcome']>;

/** Everything about one row. */
export const rowRoutes = (ports: DashboardPorts, hub: LiveHub): Route[] =>
  livePage<Facts>(hub, {
    path: '/batches/:id/rows/:row',
    title: ({ param }) => `Row ${param('row')} of ${param('id')}`,
    read: ({ param }) => readFacts(ports, param('id'), param('row')),
    missing: ({ param }) => `row ${param('row')} in a batch ${param('id')}`,
    parts: ({ row, nowMs }) => ({
      status: status(row),
      outcome: outcome(row, nowMs),
      attempts: attempts(row.attempts, nowMs),
      earlier: earlier(row.earlier, nowMs),
    }),
    frame: (
      part,
      _context,
      { batch, row },
    ) => html`<div class="title"><h1>Row ${row.row} of <a href="/batches/${batch.id}">${batch.id}</a></h1><span id="status">${part('status')}</span></div>
      ${neighbours(batch, row.row)}
      <div class="columns"><div class="grow">
        <section class="card"><h2>Outcome</h2><div id="outcome">${part('outcome')}</div></section>
        <section class="card wide"><h2>Calls</h2><div id="attempts">${part('attempts')}</div></section>
        <section class="card wide"><h2>Before it was retried</h2><div id="earlier">${part('earlier')}</div></section>
      </div><div class="side">
        <section class="card"><h2>Manifest</h2>${cells(row)}</section></div></div>`,
  });

async function readFacts(ports: DashboardPorts, id: string, row: string): Promise<Facts | null> {
  const batch = await ports.store.readBatch(id);
  const known = batch && (await readRow(ports, batch, row));
  return known && { batch, row: known, nowMs: ports.now() };
}

const status = ({ status }: RowView): Html =>
  html`<span class="state"><i class="dot f-${status}"></i>${status}</span>`;

function neighbours({ id, rows }: Batch, row: number): Html {
  return html`<nav class="pager" aria-label="Rows">${row > 1 && html`<a href="/batches/${id}/rows/${row - 1}" rel="prev">← Row ${row - 1}</a>`}
    ${row < rows && html`<a href="/batches/${id}/rows/${row + 1}" rel="next">Row ${row + 1} →</a>`}</nav>`;
}

const cells = ({ cells }: RowView): Html =>
  html`<dl class="facts wide">${cells.map(({ column, text }) => html`<dt>${column}</dt><dd>${text}</dd>`)}</dl>`;

function outcome({ outcome, status }: RowView, nowMs: number): Html {
  if (outcome !== null) return facts(outcome, nowMs);
  if (status === 'waiting') return html`<p class="muted">It is waiting for its turn.</p>`;
  return html`<p class="muted">It is being processed.</p>`;
}

function facts(
  { session, error, video, warnings, duplicateOf, requestId, finishedAtMs }: ShownOutcome,
  nowMs: number,
): Html {
  const fact = (name: string, value: unknown): Html | false =>
    value !== undefined && value !== null && html`<dt>${name}</dt><dd>${value}</dd>`;
  return html`<dl class="facts wide">${session && sessionFacts(session, nowMs)}
    ${fact('Error', error && `${error.code}: ${error.message}`)}
    ${fact('Warnings', warnings.length > 0 ? warnings.join('; ') : null)}
    ${fact('Repeats or reuses row', duplicateOf)}${fact('Request id', requestId)}
    ${fact('Length', video?.durationS === undefined ? null : `${video.durationS} s`)}
    ${fact('Picture', video?.width === undefined ? null : `${video.width} × ${video.height} px`)}
    ${fact('Frames per second', video?.fps)}
    ${fact('Ended', moment(finishedAtMs, nowMs))}</dl>`;
}

function sessionFacts(
  { id, expiresAtMs }: NonNullable<ShownOutcome['session']>,
  nowMs: number,
): Html {
  const left = expiresAtMs > nowMs ? formatSpan(expiresAtMs - nowMs) : 'expired';
  return html`<dt>Session</dt><dd><code>${id}</code></dd>
    <dt>Lives for</dt><dd><time data-until="${expiresAtMs}">${left}</time> (until ${moment(expiresAtMs, nowMs)})</dd>`;
}

function attempts(list: RowView['attempts'], nowMs: number): Html {
  if (list.length === 0) return html`<p class="muted">The API was not called for this row.</p>`;
  return html`<table class="stacks"><thead><tr><th class="number">Call</th><th>Answered</th><th>Status</th><th>Result</th><th>Request id</th></tr></thead><tbody>${list.map(
    ({ number, atMs, failure, httpStatus, requestId }) =>
      html`<tr><td class="number">${number}</td><td>${moment(atMs, nowMs)}</td><td>${httpStatus ?? ''}</td>
      <td class="clip">${failure === null ? 'a session' : `${failure.code}: ${failure.message}`}</td><td class="clip"><code>${requestId ?? ''}</code></td></tr>`,
  )}</tbody></table>`;
}

const earlier = (list: RowView['earlier'], nowMs: number): Html =>
  list.length === 0
    ? html`<p class="muted">This row was never retried or refreshed.</p>`
    : html`${list.map(
        ({ outcome: ended, attempts: calls }) =>
          html`<h3><i class="dot f-${ended.status}"></i>${ended.status}</h3>${facts(ended, nowMs)}${attempts(calls, nowMs)}`,
      )}`;
