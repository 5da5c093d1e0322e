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

/** `40 s`, `12 min`, `3 h 5 min`, `2 d 4 h`. */
export function formatSpan(spanMs: number): string {
  const minutes = Math.floor(Math.max(0, spanMs) / 60_000);
  if (minutes < 1) return `${Math.floor(Math.max(0, spanMs) / 1_000)} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A sentence for both terminals and pages: text between backticks is code. */
export const sentence = (text: string): Html =>
  html`${text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;
