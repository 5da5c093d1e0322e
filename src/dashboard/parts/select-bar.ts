import { html } from 'hono/html';
import type { BatchVerb } from '../../lib/requests/batch-acts.ts';
import type { DashboardContext, Html } from '../dashboard-env.ts';
import { actForm } from './act-form.ts';

/** A button below check boxes; it leads to a page that asks. */
export interface SelectButton {
  verb: BatchVerb;
  words: string;
  /** `&name=value`. */
  query?: string;
  kind?: 'danger';
}

/**
 * What can be done to everything ticked. `kept`: the filter, for "all that match". `all`: these words, within an
 * element that a live part fills.
 */
export function selectBar(
  context: DashboardContext,
  wanted: {
    kept: Readonly<Record<string, string>>;
    all: Html;
    buttons: readonly SelectButton[];
    more?: Html;
  },
): Html {
  if (context.var.user.role !== 'operator') return html``;
  const { kept, all, buttons, more } = wanted;
  const hidden = Object.entries(kept).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  const press = ({ verb, words, query = '', kind = undefined }: SelectButton): Html =>
    html`<button form="act" formaction="/bulk-actions?verb=${verb}${query}" class="small ${kind ?? ''}">${words} …</button>`;
  return html`<section class="card selecting" aria-label="With the ticked ones">${actForm(context, html`${hidden}`)}
    <div class="buttons"><label class="check"><input type="checkbox" name="all" form="act" id="tick-all">${all}</label>
    <span class="muted" data-ticked></span>${buttons.map(press)}</div>
    ${more && html`<details id="select-more"><summary>More actions, and a reason for the history</summary><div class="filter">${more}</div></details>`}</section>`;
}

/** The box of one row of a table; `words` name it for a reader that hears the page. */
export const tickBox = (name: string, value: string | number, words: string): Html =>
  html`<td class="tick"><input type="checkbox" name="${name}" value="${value}" form="act" id="tick-${value}" aria-label="${words}"></td>`;

/** The head of their column, with a box that needs JavaScript. */
export const tickHead = html`<th class="tick"><span class="hidden">Ticked</span><input type="checkbox" data-tick-page hidden aria-label="All on this page"></th>`;

/** A button that reads its own field. */
export const withField = (field: Html, { verb, words }: SelectButton): Html =>
  html`${field}<button form="act" formaction="/bulk-actions?verb=${verb}" class="small">${words} …</button>`;
