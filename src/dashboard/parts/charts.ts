import { html } from 'hono/html';
import type { Mark } from '../../lib/activity/timeline.ts';
import {
  type Activity,
  countCalls,
  latencyQuantileMs,
  sumActivities,
} from '../../lib/core/activity.ts';
import { formatRows } from '../../lib/core/in-words.ts';
import { OUTCOME_STATUSES } from '../../lib/core/row/row.ts';
import type { DashboardContext, Html } from '../dashboard-env.ts';
import { oneOf } from '../parameters.ts';
import { type Charted, SPAN_NAMES, SPANS } from '../read/read-charts.ts';
import { inNumbers, type Plot, plot, type Series, shortTime } from './plot.ts';
import { moment } from './words.ts';

/** The parameter of a page with charts. */
export const SPAN_PARAMETER = { span: oneOf(SPAN_NAMES) };

const inSeconds = (ms: number): string => `${(ms / 1_000).toFixed(ms < 9_950 ? 1 : 0)} s`;

/** Links to the periods; the charts themselves are a live part. */
export function spanLinks({ req }: DashboardContext, here: string): Html {
  const wanted = SPAN_NAMES.find((name) => name === req.query('span')) ?? '1h';
  return html`<nav class="spans" aria-label="Period of the charts">${SPAN_NAMES.map((name) =>
    name === wanted
      ? html`<a href="${here}?span=${name}" aria-current="true">${SPANS[name].words}</a>`
      : html`<a href="${here}?span=${name}">${SPANS[name].words}</a>`,
  )}</nav>`;
}

/** What the workers did: for one batch, or for all and then with the calls at once. */
export function charts(charted: Charted, isOfBatch: boolean): Html {
  const { steps, stepMs, marks } = charted;
  const axis = { fromMs: steps[0]?.atMs ?? 0, stepMs, count: steps.length, marks };
  const done = steps.map(({ activity }) => activity);
  const all = [rowsPlot(done), callsPlot(done), latencyPlot(done), troublePlot(done)];
  const plots = isOfBatch ? all : [...all, concurrencyPlot(done)];
  return html`<div class="charts ${isOfBatch ? 'four' : ''}">${plots.map((one) => plot(one, axis))}</div>${valuesTable(charted, isOfBatch)}`;
}

const seriesOf = (
  done: readonly Activity[],
  name: string,
  colour: string,
  measure: (activity: Activity) => number | null,
): Series => ({ name, colour, values: done.map(measure) });

function rowsPlot(done: readonly Activity[]): Plot {
  const rows = done.reduce((sum, activity) => sum + countRows(activity), 0);
  return {
    id: 'plot-rows',
    title: 'Rows by outcome',
    form: 'bars',
    series: OUTCOME_STATUSES.map((status) =>
      seriesOf(done, status, `f-${status}`, ({ outcomes }) => outcomes[status]),
    ),
    show: inNumbers,
    headline: formatRows(rows),
  };
}

function callsPlot(done: readonly Activity[]): Plot {
  const calls = done.reduce((sum, activity) => sum + countCalls(activity), 0);
  return {
    id: 'plot-calls',
    title: 'Calls',
    form: 'bars',
    series: [
      seriesOf(done, 'opened a session', 'f-succeeded', ({ answers }) => answers.opened),
      seriesOf(
        done,
        'others',
        'f-rejected',
        (activity) => countCalls(activity) - activity.answers.opened,
      ),
    ],
    show: inNumbers,
    headline: inNumbers(calls),
  };
}

function latencyPlot(done: readonly Activity[]): Plot {
  const median = latencyQuantileMs(sumActivities(done), 0.5);
  return {
    id: 'plot-latency',
    title: 'Latency of the API',
    form: 'lines',
    series: [
      seriesOf(done, 'p50', 'c-first', (activity) => latencyQuantileMs(activity, 0.5)),
      seriesOf(done, 'p95', 'c-second', (activity) => latencyQuantileMs(activity, 0.95)),
    ],
    show: inSeconds,
    headline: median === null ? '–' : `median ${inSeconds(median)}`,
  };
}

function troublePlot(done: readonly Activity[]): Plot {
  const { answers, timeouts } = sumActivities(done);
  return {
    id: 'plot-trouble',
    title: 'Throttled and timed out',
    form: 'bars',
    series: [
      seriesOf(done, 'throttled', 'f-rejected', (activity) => activity.answers.throttled),
      seriesOf(done, 'timed out', 'f-unconfirmed', (activity) => activity.timeouts),
    ],
    show: inNumbers,
    headline: inNumbers(answers.throttled + timeouts),
  };
}

function concurrencyPlot(done: readonly Activity[]): Plot {
  const last = done.findLast(({ samples }) => samples > 0);
  return {
    id: 'plot-concurrency',
    title: 'Calls at once',
    form: 'lines',
    series: [
      seriesOf(done, 'allowed', 'c-second', meanAllowed),
      seriesOf(done, 'in use', 'c-first', meanUsed),
    ],
    show: inNumbers,
    headline:
      last === undefined
        ? '–'
        : `${inNumbers(meanUsed(last) ?? 0)} of ${inNumbers(meanAllowed(last) ?? 0)}`,
  };
}

const meanAllowed = ({ samples, callsAllowed }: Activity): number | null =>
  samples === 0 ? null : callsAllowed / samples;
const meanUsed = ({ samples, callsUsed }: Activity): number | null =>
  samples === 0 ? null : callsUsed / samples;

const countRows = ({ outcomes }: Activity): number =>
  OUTCOME_STATUSES.reduce((sum, status) => sum + outcomes[status], 0);

/** A table with a line for each step would be longer than anyone reads. */
const TABLE_LINES = 24;

function valuesTable({ steps, stepMs, marks }: Charted, isOfBatch: boolean): Html {
  const size = Math.ceil(steps.length / TABLE_LINES);
  const lines = Array.from({ length: Math.ceil(steps.length / size) }, (_, at) => {
    const some = steps.slice(at * size, (at + 1) * size);
    return {
      atMs: some[0]?.atMs ?? 0,
      activity: sumActivities(some.map(({ activity }) => activity)),
    };
  }).filter(({ activity }) => countRows(activity) + countCalls(activity) > 0);
  const hasDay = stepMs * steps.length > 86_400_000;
  const table = html`<table><thead><tr><th>From</th><th class="number">Rows</th><th class="number">With session</th><th class="number">Calls</th><th class="number">p50</th><th class="number">p95</th><th class="number">Throttled</th><th class="number">Timed out</th>${!isOfBatch && html`<th class="number">At once</th>`}</tr></thead>
    <tbody>${lines.map((line) => tableLine(line, hasDay, isOfBatch))}</tbody></table>`;
  return html`<details id="values" class="card values"><summary>Values as a table, and what happened</summary>
    <div class="wide" tabindex="0" role="region" aria-label="Values">${lines.length === 0 ? html`<p class="muted">Nothing in this time.</p>` : table}</div>${markList(marks)}</details>`;
}

function tableLine(
  { atMs, activity }: { atMs: number; activity: Activity },
  hasDay: boolean,
  isOfBatch: boolean,
): Html {
  const { outcomes, answers, timeouts } = activity;
  const seconds = (share: number): string => {
    const latencyMs = latencyQuantileMs(activity, share);
    return latencyMs === null ? '' : inSeconds(latencyMs);
  };
  const [used, allowed] = [meanUsed(activity), meanAllowed(activity)];
  const cells = [
    inNumbers(countRows(activity)),
    inNumbers(outcomes.succeeded + outcomes.reused),
    inNumbers(countCalls(activity)),
    seconds(0.5),
    seconds(0.95),
    inNumbers(answers.throttled),
    inNumbers(timeouts),
    ...(isOfBatch
      ? []
      : [used === null || allowed === null ? '' : `${inNumbers(used)} of ${inNumbers(allowed)}`]),
  ];
  return html`<tr><th scope="row" class="nowrap">${shortTime(atMs, hasDay)}</th>${cells.map((cell) => html`<td class="number">${cell}</td>`)}</tr>`;
}

const LISTED_MARKS = 20;

const markList = (marks: readonly Mark[]): Html =>
  marks.length === 0
    ? html``
    : html`<ul class="plain">${marks
        .slice(-LISTED_MARKS)
        .toReversed()
        .map(
          ({ atMs, kind, what }) =>
            html`<li><i class="dot m-${kind}"></i>${moment(atMs, Date.now())} ${what}</li>`,
        )}</ul>`;
