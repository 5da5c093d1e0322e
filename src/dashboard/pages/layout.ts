import { html } from 'hono/html';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { MAX_SOUGHT } from '../../lib/search/sought.ts';
import { assetUrl, STYLE_SHEETS } from '../assets.ts';
import type { DashboardContext, Html, User } from '../dashboard-env.ts';
import { describeUnused } from '../parameters.ts';
import { sentence } from '../parts/words.ts';

/** The pages in the navigation, in order. */
const PLACES = [
  ['/', 'Overview'],
  ['/batches', 'Batches'],
  ['/upload', 'Upload'],
  ['/schedules', 'Schedules'],
  ['/limits', 'Limits'],
  ['/tokens', 'Tokens'],
  ['/queues', 'Queues'],
] as const;

/** Hidden from viewers, who could do nothing there. */
const FOR_OPERATORS: ReadonlySet<string> = new Set(['/upload', '/tokens']);

export interface Page {
  title: string;
  content: Html;
  status?: ContentfulStatusCode;
  /** The address of the page's live parts; see `live/`. */
  live?: string;
}

/** A whole page. */
export async function page(context: DashboardContext, wanted: Page): Promise<Response> {
  context.header('Cache-Control', 'no-store');
  return context.html(await frame(context, wanted), wanted.status ?? 200);
}

function frame(context: DashboardContext, { title, content, live }: Page): Html {
  const user = context.get('user') as User | undefined;
  const { name, isPractice } = context.var.installation;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · ${name ?? 'kling-sessions'}${isPractice && ' (practice)'}</title>
${STYLE_SHEETS.map((name) => html`<link rel="stylesheet" href="${assetUrl(name)}">`)}
<link rel="icon" href="${assetUrl('icon.svg')}" type="image/svg+xml">
<script type="module" src="${assetUrl('dashboard.js')}"></script>
</head>
<body class="${isPractice && 'practice'}">
<a class="skip" href="#content">Skip to content</a>
${user ? header(context, user) : whichInstallation(context)}
<main id="content" tabindex="-1" data-live="${live ?? ''}">${unusedQuery(context)}${content}</main>
</body>
</html>`;
}

/**
 * The parts of the address that the page does not use. Forms send changes to their own addresses.
 */
function unusedQuery({ req, var: { parameters } }: DashboardContext): Html {
  if (parameters === undefined || req.method !== 'GET') return html``;
  const sentences = describeUnused(parameters, new URL(req.url).searchParams);
  return html`${sentences.map((one) => html`<p class="notice" role="status">${sentence(one)}</p>`)}`;
}

function header(context: DashboardContext, user: User): Html {
  const { path } = context.req;
  const places = PLACES.filter(([place]) => !FOR_OPERATORS.has(place) || user.role === 'operator');
  const isHere = (place: string): boolean =>
    place === '/' ? path === '/' : path === place || path.startsWith(`${place}/`);
  const link = (place: string, name: string): Html =>
    isHere(place)
      ? html`<a href="${place}" aria-current="page">${name}</a>`
      : html`<a href="${place}">${name}</a>`;
  return html`<header class="top">${whichInstallation(context)}
  <nav aria-label="Main">${places.map(([place, name]) => link(place, name))}</nav>
  <p class="lost" role="status" data-lost hidden>Connection lost; reconnecting …</p>
  ${findForm(context)}
  <label class="times" hidden><span class="hidden">Times</span> <select data-times>
    <option value="local">Local times</option><option value="utc">UTC</option><option value="relative">Ago</option>
  </select></label>
  ${who(context, user)}
</header>`;
}

/** On every page. Without JavaScript it is sent by Enter; with it, `/` leads here. */
const findForm = ({ req }: DashboardContext): Html =>
  html`<form action="/search" role="search" aria-label="Everything" class="find"><label><span class="hidden">Find</span>
    <input type="search" name="q" value="${req.path === '/search' ? (req.query('q') ?? '') : ''}" maxlength="${MAX_SOUGHT}" placeholder="Find anything" data-find aria-keyshortcuts="/" title="Press / to come here"></label></form>`;

function whichInstallation({ var: { installation } }: DashboardContext): Html {
  const { name, isPractice } = installation;
  if (name === null && !isPractice) return html``;
  const practice = html`<span class="practice-word" title="The sessions of this installation are not real.">practice</span>`;
  return html`<p class="installation">${name !== null && html`<strong>${name}</strong>`} ${isPractice && practice}</p>`;
}

function who(context: DashboardContext, { name, role }: User): Html {
  const shown = html`<span>${name} <small>${role}</small></span>`;
  if (!context.var.isLoggedIn) return html`<p class="who">${shown}</p>`;
  return html`<form method="post" action="/logout" class="who">${csrfField(context)}${shown}
    <button class="quiet">Log out</button></form>`;
}

/** Part of every form that changes something. */
export const csrfField = (context: DashboardContext): Html =>
  html`<input type="hidden" name="_csrf" value="${context.var.csrfToken}">`;
