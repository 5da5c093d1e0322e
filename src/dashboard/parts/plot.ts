import { html } from 'hono/html';
import type { Mark } from '../../lib/activity/timeline.ts';
import { formatCount } from '../../lib/core/in-words.ts';
import type { Html } from '../dashboard-env.ts';

export interface Series {
  name: string;
  /** Class of its colour. */
  colour: string;
  /** One per step; null where there is nothing to show. */
  values: readonly (number | null)[];
}

export interface Plot {
  /** Unique on the page. */
  id: string;
  title: string;
  /** Bars are stacked; steps hold their value until the next. */
  form: 'bars' | 'lines';
  series: readonly Series[];
  show: (value: number) => string;
  /** The most important number, beside the title. */
  headline: string;
}

/** The steps that all plots of a page share. */
export interface TimeAxis {
  fromMs: number;
  stepMs: number;
  count: number;
  marks: readonly Mark[];
}

const WIDTH = 600;
const HEIGHT = 100;

/** A chart with axes and a legend. Its values are in words, for the page's script, which shows the one pointed at. */
export function plot({ id, title, form, series, show, headline }: Plot, axis: TimeAxis): Html {
  const present = series.filter(({ values }) => values.some((value) => (value ?? 0) > 0));
  const top = niceTop(highest(present, form));
  const words = Array.from({ length: axis.count }, (_, at) => describe(present, at, show));
  const drawn = form === 'bars' ? bars(present, axis.count, top) : lines(present, axis.count, top);
  const summary = present.length === 0 ? 'nothing in this time' : headline;
  return html`<figure class="card plot"><figcaption class="chart-head"><h2>${title}</h2><b>${headline}</b></figcaption>
    <div class="plane"><div class="y muted" aria-hidden="true"><span>${show(top)}</span><span>${show(top / 2)}</span><span>${show(0)}</span></div>
    <svg id="${id}" class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" tabindex="0" aria-label="${title}: ${summary}" data-words="${words.join('|')}" data-from="${axis.fromMs}" data-step="${axis.stepMs}">
      <path class="grid" d="M0 0.5H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT - 0.5}H${WIDTH}"/>${drawn}${marks(axis)}</svg></div>
    <p class="x muted">${timeLabels(axis)}</p>
    <p class="readout muted" data-readout="${id}">${legend(present, form, show)}</p></figure>`;
}

function highest(series: readonly Series[], form: Plot['form']): number {
  if (form === 'lines') return Math.max(0, ...series.flatMap(({ values }) => values.map(Number)));
  const count = series[0]?.values.length ?? 0;
  const sums = Array.from({ length: count }, (_, at) =>
    series.reduce((sum, { values }) => sum + (values[at] ?? 0), 0),
  );
  return Math.max(0, ...sums);
}

/** The next of 1, 2, 5, 10, 20 …, so that half of it is also round. */
export function niceTop(value: number): number {
  if (value <= 2) return 2;
  const power = 10 ** Math.floor(Math.log10(value));
  const found = [1, 2, 4, 6, 8, 10].find((factor) => factor * power >= value);
  return (found ?? 10) * power;
}

/** `12 succeeded, 3 failed`. */
const describe = (series: readonly Series[], at: number, show: Plot['show']): string =>
  series
    .filter(({ values }) => values[at] != null && values[at] !== 0)
    .map(({ name, values }) => `${show(values[at] ?? 0)} ${name}`)
    .join(', ');

const short = (value: number): string => String(Math.round(value * 10) / 10);

/** One path per series: thousands of rectangles would be too much for a page. */
function bars(series: readonly Series[], count: number, top: number): Html[] {
  const below = new Array<number>(count).fill(0);
  const wide = WIDTH / count;
  const gap = Math.min(1.5, wide / 4);
  return series.map(({ colour, values }) => {
    const drawn = values.map((value, at) => {
      if (!value) return '';
      const from = below[at] ?? 0;
      below[at] = from + value;
      const [y, height] = [HEIGHT * (1 - (from + value) / top), (HEIGHT * value) / top];
      return `M${short(at * wide)} ${short(y)}h${short(wide - gap)}v${short(Math.max(height, 1))}h-${short(wide - gap)}z`;
    });
    return html`<path class="${colour}" d="${drawn.join('')}"/>`;
  });
}

function lines(series: readonly Series[], count: number, top: number): Html[] {
  const wide = WIDTH / count;
  return series.map(({ colour, values }) => {
    let isDrawing = false;
    const drawn = values.map((value, at) => {
      const y = short(HEIGHT - 1 - ((value ?? 0) / top) * (HEIGHT - 2));
      const start = isDrawing ? `V${y}` : `M${short(at * wide)} ${y}`;
      isDrawing = value !== null;
      return value === null ? '' : `${start}H${short((at + 1) * wide)}`;
    });
    return html`<path class="line ${colour}" d="${drawn.join('')}"/>`;
  });
}

const marks = ({ marks: all, fromMs, stepMs, count }: TimeAxis): Html[] =>
  all.map(({ atMs, kind, what }) => {
    const x = short(((atMs - fromMs) / (stepMs * count)) * WIDTH);
    return html`<path class="mark ${kind}" d="M${x} 0V${HEIGHT}"><title>${what}</title></path>`;
  });

const LABELS = 4;

function timeLabels({ fromMs, stepMs, count }: TimeAxis): Html[] {
  const lengthMs = stepMs * count;
  return Array.from({ length: LABELS }, (_, at) => {
    const atMs = fromMs + (lengthMs * at) / LABELS;
    return html`<span>${shortTime(atMs, lengthMs > 86_400_000)}</span>`;
  }).concat(html`<span>now</span>`);
}

/** `14:20`, or `11-28 14:00` where days differ; the page's script shows it in the reader's zone. */
export function shortTime(atMs: number, hasDay: boolean): Html {
  const at = new Date(atMs);
  const two = (n: number): string => String(n).padStart(2, '0');
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  const text = hasDay ? `${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}` : time;
  return html`<time datetime="${at.toISOString()}" data-moment="${hasDay ? 'day' : 'time'}">${text}</time>`;
}

/** What each colour means, with the sum of its bars. */
const legend = (series: readonly Series[], form: Plot['form'], show: Plot['show']): Html =>
  series.length === 0
    ? html`Nothing in this time.`
    : html`${series.map(({ name, colour, values }) => {
        const sum = values.reduce<number>((total, value) => total + (value ?? 0), 0);
        return html`<span class="key"><i class="dot ${colour}"></i>${name}${form === 'bars' && html` <b>${show(sum)}</b>`}</span> `;
      })}`;

/** For axes and words of counts. */
export const inNumbers = (value: number): string =>
  formatCount(Number.isInteger(value) ? value : Math.round(value * 10) / 10);
