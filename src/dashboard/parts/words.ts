import { html } from 'hono/html';
import type { Html } from '../dashboard-env.ts';

/**
 * `02:14:09` today, `2026-11-23 18:43` on another day; in the time zone of the dashboard's machine, like its
 * sentences.
 */
export function formatMoment(atMs: number, nowMs: number): string {
  const [at, now] = [new Date(atMs), new Date(nowMs)];
  const time = at.toTimeString().slice(0, 8);
  if (at.toDateString() === now.toDateString()) return time;
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${time.slice(0, 5)}`;
}

/** A sentence for both terminals and pages: text between backticks is code. */
export const sentence = (text: string): Html =>
  html`${text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;
