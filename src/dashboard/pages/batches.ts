import { html } from 'hono/html';
import { BATCH_STATES, countEnded, countWithoutSession } from '../../lib/core/batch/batch.ts';
import { formatCount } from '../../lib/core/in-words.ts';
import type { BatchView, UnreadableView } from '../api/api-schemas.ts';
import type { Html } from '../dashboard-env.ts';
import type { LiveHub } from '../live/live-hub.ts';
import { type Look, livePage } from '../live/live-page.ts';
import { countsBar } from '../parts/counts-bar.ts';
import { tagLinks } from '../parts/tag-links.ts';
import { unreadableList } from '../parts/unreadable-list.ts';
import { moment } from '../parts/words.ts';
import type { DashboardPorts } from '../ports.ts';
import { type BatchFilter, listBatches } from '../read/list-batches.ts';
import type { Route } from '../route.ts';

interface Facts {
  filter: BatchFilter;
  batches: BatchView[];
  unreadable: UnreadableView[];
  /** From 0. */
  page: number;
  hasMore: boolean;
  nowMs: number;
}

const PAGE = 50;

export const batchesRoutes = (ports: DashboardPorts, hub: LiveHub): Route[] =>
  livePage<Facts>(hub, {
    path: '/batches',
    filters: ['q', 'state', 'schedule', 'tag', 'page'],
    title: () => 'Batches',
    read: (look) => readPage(ports, look),
    parts: (facts) => ({ list: table(facts) }),
    frame: (part, _context, { filter }) => html`<h1>Batches</h1>${filterForm(filter)}
      <section class="card wide" id="list" aria-label="Batches">${part('list')}</section>`,
  });

async function readPage(ports: DashboardPorts, { query }: Look): Promise<Facts> {
  const filter = filterOf(query);
  const page = Math.min(Number(/^\d{1,5}$/.exec(query('page'))?.[0] ?? 0), 10_000);
  const found = await listBatches(ports, filter, { skip: page * PAGE, limit: PAGE });
  return { ...found, filter, page, nowMs: ports.now() };
}

/** Missing or invalid parameters do not filter. */
function filterOf(query: Look['query']): BatchFilter {
  const text = (name: string): string => query(name).trim().slice(0, 100);
  return {
    search: text('q'),
    state: BATCH_STATES.find((state) => state === query('state')),
    schedule: text('schedule') || undefined,
    tag: text('tag') || undefined,
  };
}

const filterForm = ({
  search,
  state,
  schedule,
  tag,
}: BatchFilter): Html => html`<form class="filter" role="search">
  <label>Search <input type="search" name="q" value="${search}" placeholder="id or manifest"></label>
  <label>State <select name="state"><option value="">all</option>${BATCH_STATES.map((name) =>
    name === state ? html`<option selected>${name}</option>` : html`<option>${name}</option>`,
  )}</select></label>
  <label>Tag <input name="tag" value="${tag ?? ''}" maxlength="40"></label>
  <label>Schedule <input name="schedule" value="${schedule ?? ''}" maxlength="40"></label><button>Show</button></form>`;

function table({ batches, unreadable, filter, page, hasMore, nowMs }: Facts): Html {
  if (batches.length + unreadable.length === 0) {
    return html`<p class="muted">No batch matches.</p>`;
  }
  return html`${unreadableList(unreadable)}<table class="stacks"><thead><tr><th>Batch</th><th>State</th><th>Rows</th><th class="number">Ended</th>
    <th class="number">Without session</th><th>Started</th></tr></thead>
    <tbody>${batches.map((batch) => line(batch, nowMs))}</tbody></table>
    ${pager(page, hasMore, (to) => `/batches?${addressOf(filter, to)}`)}`;
}

const addressOf = (filter: BatchFilter, page: number): string =>
  String(
    new URLSearchParams({
      q: filter.search,
      state: filter.state ?? '',
      tag: filter.tag ?? '',
      schedule: filter.schedule ?? '',
      page: String(page),
    }),
  );

function line(batch: BatchView, nowMs: number): Html {
  const { id, state, counts, rows, createdAtMs, tags, isReadToEnd } = batch;
  const without = countWithoutSession(counts);
  return html`<tr><th scope="row"><a href="/batches/${id}">${id}</a> ${tagLinks(tags)}</th><td><span class="state ${state}">${state}</span>${!isReadToEnd && html`<br><small>not read to its end</small>`}</td>
    <td class="bar-cell">${countsBar(counts)}</td><td class="number" data-label="ended">${formatCount(countEnded(counts))} of ${formatCount(rows)}</td>
    <td class="number" data-label="without session">${without === 0 ? '' : formatCount(without)}</td><td class="muted">${moment(createdAtMs, nowMs)}</td></tr>`;
}

/** Links to the previous and next page; nothing when there is only one. */
function pager(page: number, hasMore: boolean, linkOf: (page: number) => string): Html {
  if (page === 0 && !hasMore) return html``;
  return html`<nav class="pager" aria-label="Pages">
    ${page > 0 && html`<a href="${linkOf(page - 1)}" rel="prev">← Previous</a>`}<span class="muted">Page ${page + 1}</span>
    ${hasMore && html`<a href="${linkOf(page + 1)}" rel="next">Next →</a>`}</nav>`;
}
