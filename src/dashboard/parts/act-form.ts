import { html } from 'hono/html';
import type { DashboardContext, Html } from '../dashboard-env.ts';
import { csrfField } from '../pages/layout.ts';

/**
 * The form that the buttons of a page's live parts belong to (`form="act"`): its token is one person's, theirs are for all.
 * The first button is there so that Enter in a field presses none of the others.
 */
export const actForm = (context: DashboardContext, fields = html``): Html =>
  context.var.user.role === 'operator'
    ? html`<form id="act" method="post"><button disabled hidden></button>${csrfField(context)}${fields}</form>`
    : html``;
