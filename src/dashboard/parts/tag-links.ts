import { html } from 'hono/html';
import type { Html } from '../dashboard-env.ts';

/** Each links to all batches with this tag. */
export const tagLinks = (tags: readonly string[]): Html =>
  html`${tags.map((tag) => html`<a class="tag" href="/batches?tag=${encodeURIComponent(tag)}">${tag}</a> `)}`;
