import { html } from 'hono/html';
import { describeDone } from '../acts.ts';
import type { DashboardContext, Html } from '../dashboard-env.ts';
import { textUpTo, wholeNumber } from '../parameters.ts';

/** The parameters that `doneNotice` reads. */
export const DONE_PARAMETERS = { done: textUpTo(40), rows: wholeNumber(0) };

const IMPORTED: Record<string, string> = {
  started: 'The batch has started.',
  found: 'This manifest was imported before, with the same options; here is its batch.',
};

/** The result of the change that led here. */
export function doneNotice({ req }: DashboardContext): Html {
  const done = req.query('done') ?? '';
  const rows = Number(/^\d{1,10}$/.exec(req.query('rows') ?? '')?.[0] ?? 0);
  const said = IMPORTED[done] ?? describeDone(done, rows);
  return said === null ? html`` : html`<p class="notice good" role="status">${said}</p>`;
}
