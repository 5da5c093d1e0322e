import { html } from 'hono/html';
import { formatBatches, formatCount, formatRows } from '../../lib/core/in-words.ts';
import { MAX_SOUGHT } from '../../lib/search/sought.ts';
import type { SearchView } from '../api/search-schemas.ts';
import type { Html } from '../dashboard-env.ts';
import { type Parameters, textUpTo } from '../parameters.ts';
import { tagLinks } from '../parts/tag-links.ts';
import { moment } from '../parts/words.ts';
import type { DashboardPorts } from '../ports.ts';
import { readPlace, searchEverything } from '../read/search-everything.ts';
import { type Route, view } from '../route.ts';
import { page } from './layout.ts';

const PARAMETERS: Parameters = {
  q: textUpTo(MAX_SOUGHT),
  from: {
    accepts: (value) => readPlace(value) !== null,
    takes: 'the place where a search was cut short',
  },
};

/** What the box in the header finds. */
export const searchRoutes = (ports: DashboardPorts): Route[] => [
  view(
    '/search',
    async (context) => {
      const { q = '', from = '' } = context.req.query();
      const found = await searchEverything(ports, q, readPlace(from));
      const content = html`<h1>Find</h1>${found === null ? whatIsFound() : findings(found, { q, from }, ports.now())}`;
      return await page(context, { title: q === '' ? 'Find' : `Find ${q}`, content });
    },
    PARAMETERS,
  ),
];

const whatIsFound =
  (): Html => html`<section class="card"><p>The box at the top finds, on every page:</p>
  <ul><li>a batch by part of its id or its manifest's name, or by a tag</li>
  <li>a row by its own whole key, in batches that name key columns</li>
  <li>a row by part of any cell, such as the address of its video, or by its batch and number: <code>night-1 12</code></li>
  <li>a row by its whole session id or request id, also from before a retry</li>
  <li>the batches with rows that ended with an error code, such as <code>http_404</code></li>
  <li>a schedule by part of its name</li></ul>
  <p class="muted">What is hidden when rows are shown, such as the signature of an address, is not searched.</p></section>`;

interface Asked {
  q: string;
  from: string;
}

function findings(found: SearchView, asked: Asked, nowMs: number): Html {
  const { batches, schedules, codes, rows, next } = found;
  const isNothing = batches.length + schedules.length + codes.length + rows.length === 0;
  return html`${batches.length > 0 && batchGroup(found, asked.q, nowMs)}
    ${
      schedules.length > 0 &&
      group(
        'Schedules',
        schedules.map((name) => html`<a href="/schedules/${name}">${name}</a>`),
      )
    }
    ${codes.length > 0 && codeGroup(found, asked.q)}
    ${rows.length > 0 && rowGroup(rows)}
    ${isNothing && html`<p class="muted">${next === null ? 'Nothing matches.' : 'No match so far.'}</p>`}
    ${progress(found, asked, isNothing)}`;
}

const group = (title: string, items: readonly Html[], more: Html | false = false): Html =>
  html`<section class="card"><h2>${title}</h2><ul class="plain">${items.map((item) => html`<li>${item}</li>`)}</ul>${more}</section>`;

function batchGroup({ batches, moreBatches }: SearchView, q: string, nowMs: number): Html {
  const more = html`<p><a href="/batches?q=${encodeURIComponent(q)}">${formatCount(moreBatches)} more</a></p>`;
  const items = batches.map(
    ({ id, name, createdAtMs, tags }) =>
      html`<div class="row"><a href="/batches/${id}"><strong>${id}</strong></a> <span class="muted">${name}</span> ${tagLinks([...tags])}<span class="muted end">${moment(createdAtMs, nowMs)}</span></div>`,
  );
  return group('Batches', items, moreBatches > 0 && more);
}

function codeGroup({ codes, moreCodes }: SearchView, q: string): Html {
  const items = codes.map(
    ({ batchId, count }) =>
      html`<div class="row"><a href="/batches/${batchId}/rows?code=${encodeURIComponent(q.trim())}">${formatRows(count)} of ${batchId}</a></div>`,
  );
  const more = html`<p class="muted">and ${formatCount(moreCodes)} older ${moreCodes === 1 ? 'batch' : 'batches'}</p>`;
  return group(`Rows that ended with ${q.trim()}`, items, moreCodes > 0 && more);
}

const rowGroup = (rows: SearchView['rows']): Html =>
  group(
    'Rows',
    rows.map(
      ({ batchId, row, status, place, excerpt }) =>
        html`<div class="row"><a href="/batches/${batchId}/rows/${row}">Row ${row} of ${batchId}</a> <span class="nowrap"><i class="dot f-${status}"></i>${status}</span>
        <span class="found"><span class="muted">${place}</span> ${excerpt}</span></div>`,
    ),
  );

/** How far the row-by-row search has got. */
function progress(
  { searched, allBatches, next }: SearchView,
  { q, from }: Asked,
  isNothing: boolean,
): Html {
  const done = `${formatRows(searched.rows)} of ${formatBatches(searched.batches)}`;
  const onward = `/search?${new URLSearchParams({ q, from: next ?? '' })}`;
  const start = `/search?${new URLSearchParams({ q })}`;
  const part = from !== '' ? 'another' : next === null ? 'all' : 'the newest';
  const rest =
    next === null ? '' : `; the rest of ${formatBatches(allBatches)} is not searched yet`;
  return html`<p class="muted" role="status">Searched ${part} ${done}${rest}.</p>
    <nav class="pager" aria-label="Search">${from !== '' && html`<a href="${start}">⇤ From the newest batch</a>`}
    ${next !== null && html`<a href="${onward}" rel="next" data-onward="${isNothing ? 'yes' : 'no'}">Search older rows →</a>`}</nav>`;
}
