import { html } from 'hono/html';
import type { DashboardContext, Html } from '../dashboard-env.ts';
import { csrfField } from '../pages/layout.ts';

/**
 * The form of the buttons in a page's live parts (`form="act"`): its token belongs to one person, the parts are
 * shared. The first button makes Enter in a field press none of the others.
 */
export const actForm = (context: DashboardContext, fields = html``): Html =>
  context.var.user.role === 'operator'
    ? html`<form id="act" method="post"><button disabled hidden></button>${csrfField(context)}${fields}</form>`
    : html``;
