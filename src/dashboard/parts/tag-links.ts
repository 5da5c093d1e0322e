import { html } from 'hono/html';
import type { Html } from '../dashboard-env.ts';

/** Each leads to all batches that have it. */
export const tagLinks = (tags: readonly string[]): Html =>
  html`${tags.map((tag) => html`<a class="tag" href="/batches?tag=${encodeURIComponent(tag)}">${tag}</a> `)}`;
