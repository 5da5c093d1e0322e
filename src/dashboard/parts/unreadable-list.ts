import { html } from 'hono/html';
import type { UnreadableView } from '../api/api-schemas.ts';
import type { Html } from '../dashboard-env.ts';
import { sentence } from './words.ts';

/** One line for each unreadable record; nothing if there is none. */
export const unreadableList = (records: readonly UnreadableView[]): Html =>
  html`${records.map(({ reason }) => html`<p class="notice bad">${sentence(reason)}</p>`)}`;
