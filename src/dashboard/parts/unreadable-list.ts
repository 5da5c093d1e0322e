import { html } from 'hono/html';
import type { UnreadableView } from '../api/api-schemas.ts';
import type { Html } from '../dashboard-env.ts';
import { sentence } from './words.ts';

/** One line for each record that cannot be read; nothing where all can. */
export const unreadableList = (records: readonly UnreadableView[]): Html =>
  html`${records.map(({ reason }) => html`<p class="notice bad">${sentence(reason)}</p>`)}`;
