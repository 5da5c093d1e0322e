import { html } from 'hono/html';
import { effectOfRow, NO_EFFECT } from '../../lib/batch/count-effect.ts';
import type { Batch } from '../../lib/core/batch/batch.ts';
import { explainUnread } from '../../lib/core/batch/explain-unread.ts';
import { describeCost } from '../../lib/core/budget/cost.ts';
import type { SessionsLeft } from '../../lib/core/budget/day-left.ts';
import { formatSpan } from '../../lib/core/in-words.ts';
import { STATUS_MEANINGS } from '../../lib/core/row/explain-status.ts';
import { hasSession } from '../../lib/core/row/outcome.ts';
import { readSessionsLeft } from '../../lib/gate/read-sessions-left.ts';
import { describeSent } from '../../lib/report/kling-values.ts';
import { foretellCalls } from '../../lib/requests/foretell.ts';
import type { RowView } from '../api/api-schemas.ts';
import type { Html, Role } from '../dashboard-env.ts';
import type { LiveHub } from '../live/live-hub.ts';
import { livePage } from '../live/live-page.ts';
import { actForm } from '../parts/act-form.ts';
import { ask } from '../parts/ask.ts';
import { DONE_PARAMETERS, doneNotice } from '../parts/done-notice.ts';
import { moment, sentence } from '../parts/words.ts';
import type { DashboardPorts } from '../ports.ts';
import { readRow } from '../read/read-rows.ts';
import type { Route } from '../route.ts';

interface Facts {
  batch: Batch;
  row: RowView;
  /** What this day may still open; null without a limit. */
  day: SessionsLeft | null;
  nowMs: number;
}

type ShownOutcome = NonNullable<RowView['outcome']>;

/** Everything about one row. */
export const rowRoutes = (ports: DashboardPorts, hub: LiveHub): Route[] =>
  livePage<Facts>(hub, {
    path: '/batches/:id/rows/:row',
    framed: DONE_PARAMETERS,
    title: ({ param }) => `Row ${param('row')} of ${param('id')}`,
    read: ({ param }) => readFacts(ports, param('id'), param('row')),
    missing: ({ param }) => `row ${param('row')} in a batch ${param('id')}`,
    parts: ({ row, nowMs, ...budgets }, { role }) => ({
      status: status(row),
      buttons: again(budgets, row, nowMs, role),
      outcome: outcome(row, nowMs),
      attempts: attempts(row.attempts, nowMs),
      earlier: earlier(row, nowMs),
    }),
    frame: (
      part,
      context,
      { batch, row },
    ) => html`<div class="title"><h1>Row ${row.row} of <a href="/batches/${batch.id}">${batch.id}</a></h1><span id="status">${part('status')}</span></div>
      ${neighbours(batch, row.row)}${doneNotice(context)}
      <section class="card" aria-label="Steering">${actForm(context)}<div id="buttons">${part('buttons')}</div></section>
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
  return known && { batch, row: known, day: await readSessionsLeft(ports), nowMs: ports.now() };
}

const status = ({ status }: RowView): Html =>
  html`<span class="state"><i class="dot f-${status}"></i>${status}</span> <span class="muted">${STATUS_MEANINGS[status]}</span>`;

/** The button that calls the row again; without one, why there is none. */
function again(
  budgets: Pick<Facts, 'batch' | 'day'>,
  row: RowView,
  nowMs: number,
  role: Role,
): Html {
  const { batch } = budgets;
  const reason = whyNotAgain(batch, row);
  if (reason !== null) return html`<p class="muted">${sentence(reason)}</p>`;
  const { outcome, status } = row;
  const effect = outcome === null ? NO_EFFECT : effectOfRow(outcome, nowMs);
  const words = hasSession({ status: outcome?.status ?? 'failed' })
    ? 'Open a new session'
    : 'Retry this row';
  const consequence = foretellCalls(effect, budgets);
  if (role !== 'operator')
    return html`<p class="muted">Operators can do this here: ${words}. ${sentence(consequence)}</p>`;
  const action = `/batches/${batch.id}/retry?row=${row.row}&status=${status}`;
  return ask({ id: 'retry', words, consequence, confirm: words, action });
}

function whyNotAgain(batch: Batch, { outcome, status }: RowView): string | null {
  if (outcome === null) return 'It can be retried once it has ended.';
  if (status === 'invalid')
    return 'A retry would not help: correct this row in the manifest and upload it again.';
  if (status === 'duplicate') {
    return `It repeats row ${outcome.duplicateOf ?? 'before it'} and has the same session; retry that row.`;
  }
  return explainUnread(batch);
}

function neighbours({ id, rows }: Batch, row: number): Html {
  return html`<nav class="pager" aria-label="Rows">${row > 1 && html`<a href="/batches/${id}/rows/${row - 1}" rel="prev">← Row ${row - 1}</a>`}
    ${row < rows && html`<a href="/batches/${id}/rows/${row + 1}" rel="next">Row ${row + 1} →</a>`}</nav>`;
}

const cells = ({ cells }: RowView): Html =>
  html`<dl class="facts wide">${cells.map(({ column, text }) => html`<dt>${column}</dt><dd>${text}</dd>`)}</dl>`;

function outcome({ outcome, status, source }: RowView, nowMs: number): Html {
  if (outcome !== null) return facts(outcome, describeSent(source), nowMs);
  if (status === 'waiting') return html`<p class="muted">It is waiting for its turn.</p>`;
  return html`<p class="muted">It is being processed.</p>`;
}

function facts(outcome: ShownOutcome, sent: string | null, nowMs: number): Html {
  const { session, error, video, warnings, duplicateOf, requestId, finishedAtMs } = outcome;
  const { unclearCalls = [] } = outcome;
  const fact = (name: string, value: unknown): Html | false =>
    value !== undefined && value !== null && html`<dt>${name}</dt><dd>${value}</dd>`;
  return html`<dl class="facts wide">${session && sessionFacts(session, nowMs)}
    ${fact('Error', error && `${error.code}: ${error.message}`)}
    ${fact('Warnings', warnings.length > 0 ? warnings.join('; ') : null)}
    ${fact('Repeats or reuses row', duplicateOf)}${fact('Request id', requestId)}
    ${unclearCalls.map((beganMs) => fact('Unclear call', moment(beganMs, nowMs)))}
    ${fact('Unclear calls sent', unclearCalls.length > 0 ? sent : null)}
    ${fact('Cost', outcome.cost && describeCost(outcome.cost))}
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

const earlier = ({ earlier: list, source }: RowView, nowMs: number): Html =>
  list.length === 0
    ? html`<p class="muted">This row was never retried or refreshed.</p>`
    : html`${list.map(
        ({ outcome: ended, attempts: calls }) =>
          html`<h3><i class="dot f-${ended.status}"></i>${ended.status}</h3>${facts(ended, describeSent(source), nowMs)}${attempts(calls, nowMs)}`,
      )}`;
