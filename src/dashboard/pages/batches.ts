import { html } from 'hono/html';
import { BATCH_STATES, countEnded, countWithoutSession } from '../../lib/core/batch/batch.ts';
import { formatCount } from '../../lib/core/in-words.ts';
import { formatPlace, parsePlace } from '../../lib/core/list-place.ts';
import type { BatchView } from '../api/api-schemas.ts';
import type { DashboardContext, Html, Role } from '../dashboard-env.ts';
import type { LiveHub } from '../live/live-hub.ts';
import { type Look, livePage } from '../live/live-page.ts';
import { oneOf, type Parameter, textUpTo } from '../parameters.ts';
import { countsBar } from '../parts/counts-bar.ts';
import { selectBar, tickBox, tickHead, withField } from '../parts/select-bar.ts';
import { tagLinks } from '../parts/tag-links.ts';
import { unreadableList } from '../parts/unreadable-list.ts';
import { moment } from '../parts/words.ts';
import type { DashboardPorts } from '../ports.ts';
import {
  type BatchFilter,
  type BatchPage,
  countAllBatches,
  listBatches,
  type PageOfBatches,
} from '../read/list-batches.ts';
import type { Route } from '../route.ts';

interface Facts extends BatchPage {
  filter: BatchFilter;
  /** How many match; null if only reading them would tell. */
  total: number | null;
  nowMs: number;
}

const PAGE = 50;

const PLACE: Parameter = {
  accepts: (value) => parsePlace(value) !== null,
  takes: 'a place in the list, as in the links below it',
};

export const batchesRoutes = (ports: DashboardPorts, hub: LiveHub): Route[] =>
  livePage<Facts>(hub, {
    path: '/batches',
    filters: {
      q: textUpTo(100),
      state: oneOf(BATCH_STATES),
      schedule: textUpTo(100),
      tag: textUpTo(100),
      after: PLACE,
      before: PLACE,
    },
    title: () => 'Batches',
    read: (look) => readPage(ports, look),
    parts: (facts, { role }) => ({ list: table(facts, role), matching: html`${matching(facts)}` }),
    frame: (
      part,
      context,
      { filter },
    ) => html`<div class="title"><h1>Batches</h1><a class="end" href="/bulk-actions">Bulk actions</a></div>${filterForm(filter)}
      ${selecting(context, filter, part('matching'))}
      <section class="card wide" id="list" aria-label="Batches">${part('list')}</section>`,
  });

async function readPage(ports: DashboardPorts, { query }: Look): Promise<Facts> {
  const filter = filterOf(query);
  const page = pageIn(query);
  const [found, total] = await Promise.all([
    listBatches(ports, filter, { page, limit: PAGE }),
    countAllBatches(ports, filter),
  ]);
  return { ...found, total, filter, nowMs: ports.now() };
}

function pageIn(query: Look['query']): PageOfBatches {
  const [before, after] = [parsePlace(query('before')), parsePlace(query('after'))];
  if (before !== null) return { from: before, towards: 'newer' };
  return after && { from: after, towards: 'older' };
}

/** Missing or invalid parameters do not filter; the page says so. */
function filterOf(query: Look['query']): BatchFilter {
  const text = (name: string): string => query(name).trim().slice(0, 100);
  return {
    search: text('q'),
    state: BATCH_STATES.find((state) => state === query('state')),
    schedule: text('schedule') || undefined,
    tag: text('tag') || undefined,
  };
}

/** `all 12 that match`; without the number if it would have to be counted first. */
function matching({ batches, isFirst, hasOlder, total }: Facts): string {
  const count = isFirst && !hasOlder ? batches.length : total;
  return count === null ? 'all that match' : `all ${formatCount(count)} that match`;
}

const selecting = (
  context: DashboardContext,
  { search, state, tag, schedule }: BatchFilter,
  all: Html,
): Html =>
  selectBar(context, {
    kept: { q: search, state: state ?? '', tag: tag ?? '', schedule: schedule ?? '' },
    all: html`<span id="matching">${all}</span>`,
    buttons: [
      { verb: 'pause', words: 'Pause' },
      { verb: 'resume', words: 'Resume' },
      { verb: 'retry', words: 'Retry failed rows' },
      { verb: 'retry', words: 'Undo cancel', query: '&status=cancelled' },
      { verb: 'cancel', words: 'Cancel', kind: 'danger' },
    ],
    more: html`<label class="grow">Reason <input name="reason" form="act" maxlength="300" placeholder="kept in the history"></label>
      ${withField(html`<label>Expiring within <select name="within" form="act"><option value="1h">1 h</option><option value="4h" selected>4 h</option><option value="24h">24 h</option></select></label>`, { verb: 'refresh', words: 'Refresh sessions' })}
      ${withField(html`<label>Priority <input name="priority" form="act" type="number" min="1" max="100" placeholder="10"></label>`, { verb: 'priority', words: 'Set priority' })}
      ${withField(html`<label>Sessions at most <input name="maxSessions" form="act" size="8" maxlength="10" placeholder="500 or off"></label>`, { verb: 'max-sessions', words: 'Set sessions at most' })}
      ${withField(html`<label>Keep sessions alive <input name="keepAlive" form="act" size="14" maxlength="40" placeholder="3d, 18:00 or off"></label>`, { verb: 'keep-alive', words: 'Keep alive' })}`,
  });

const filterForm = ({
  search,
  state,
  schedule,
  tag,
}: BatchFilter): Html => html`<form class="filter" role="search" aria-label="Filter">
  <label>Search <input type="search" name="q" value="${search}" placeholder="id or manifest"></label>
  <label>State <select name="state"><option value="">all</option>${BATCH_STATES.map((name) =>
    name === state ? html`<option selected>${name}</option>` : html`<option>${name}</option>`,
  )}</select></label>
  <label>Tag <input name="tag" value="${tag ?? ''}" maxlength="40"></label>
  <label>Schedule <input name="schedule" value="${schedule ?? ''}" maxlength="40"></label><button>Show</button></form>`;

function table(facts: Facts, role: Role): Html {
  const { batches, unreadable, filter, isFirst, nowMs } = facts;
  if (batches.length + unreadable.length === 0) return nothingFound(filter, isFirst, role);
  return html`${unreadableList(unreadable)}<table class="stacks"><thead><tr>${role === 'operator' && tickHead}<th>Batch</th><th>State</th><th>Rows</th><th class="number">Ended</th>
    <th class="number">Without session</th><th>Started</th></tr></thead>
    <tbody>${batches.map((batch) => line(batch, nowMs, role))}</tbody></table>
    ${pager(facts)}`;
}

/** What to do next if no batch is shown; a viewer cannot upload. */
function nothingFound(
  { search, state, schedule, tag }: BatchFilter,
  isFirst: boolean,
  role: Role,
): Html {
  if (search !== '' || state !== undefined || schedule !== undefined || tag !== undefined) {
    return html`<p class="muted">No batch matches. <a href="/batches">Show all batches</a></p>`;
  }
  if (!isFirst) {
    return html`<p class="muted">No batch is older. <a href="/batches">To the newest</a></p>`;
  }
  return role === 'operator'
    ? html`<p class="muted">No batches yet. <a href="/upload">Upload a manifest</a> to start one.</p>`
    : html`<p class="muted">No batches yet. An operator can upload a manifest to start one.</p>`;
}

function addressOf(filter: BatchFilter, place: Record<string, string>): string {
  const { search, state = '', tag = '', schedule = '' } = filter;
  return `/batches?${new URLSearchParams({ q: search, state, tag, schedule, ...place })}`;
}

function line(batch: BatchView, nowMs: number, role: Role): Html {
  const { id, state, counts, rows, createdAtMs, tags, isReadToEnd } = batch;
  const without = countWithoutSession(counts);
  return html`<tr>${role === 'operator' && tickBox('batch', id, id)}<th scope="row"><a href="/batches/${id}">${id}</a> ${tagLinks(tags)}</th><td><span class="state ${state}">${state}</span>${!isReadToEnd && html`<br><small>not read to its end</small>`}</td>
    <td class="bar-cell">${countsBar(counts)}</td><td class="number" data-label="ended">${formatCount(countEnded(counts))} of ${formatCount(rows)}</td>
    <td class="number" data-label="without session">${without === 0 ? '' : formatCount(without)}</td><td class="muted">${moment(createdAtMs, nowMs)}</td></tr>`;
}

/** Links to newer and older batches; nothing when all are shown. */
function pager({ filter, first, last, isFirst, hasOlder }: Facts): Html {
  if (first === null || last === null || (isFirst && !hasOlder)) return html``;
  return html`<nav class="pager" aria-label="Pages">
    ${!isFirst && html`<a href="${addressOf(filter, {})}">⇤ Newest</a>`}
    ${!isFirst && html`<a href="${addressOf(filter, { before: formatPlace(first) })}" rel="prev">← Newer</a>`}
    ${hasOlder && html`<a href="${addressOf(filter, { after: formatPlace(last) })}" rel="next">Older →</a>`}</nav>`;
}
