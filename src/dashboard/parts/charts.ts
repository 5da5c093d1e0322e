import { html } from 'hono/html';
import { formatCount } from '../../lib/core/in-words.ts';
import { OUTCOME_STATUSES } from '../../lib/core/row/row.ts';
import type { ActivityView } from '../api/api-schemas.ts';
import type { Html } from '../dashboard-env.ts';

const WIDTH = 600;
const HEIGHT = 72;

/** What the workers did in the last hours, as two small charts. */
export function activityCharts({ steps }: ActivityView): Html {
  // The current minute is incomplete and would always look like a drop.
  const over = steps.slice(0, -1);
  const ended = over.map(({ outcomes }) =>
    OUTCOME_STATUSES.reduce((sum, status) => sum + outcomes[status], 0),
  );
  const latencies = over.map(({ latencyP50Ms }) => latencyP50Ms);
  return html`${chart('Rows per minute', ended, formatCount)}${chart('Latency of the API, median', latencies, inSeconds)}`;
}

const inSeconds = (ms: number): string => `${(ms / 1_000).toFixed(ms < 9_950 ? 1 : 0)} s`;

function chart(
  title: string,
  values: readonly (number | null)[],
  show: (value: number) => string,
): Html {
  const known = values.filter((value) => value !== null);
  const last = values.at(-1) ?? null;
  const most = Math.max(...known, 0);
  const now = last === null ? 'none' : show(last);
  const words =
    most === 0
      ? 'nothing in the last 3 hours'
      : `now ${now}, at most ${show(most)} in the last 3 hours`;
  return html`<section class="card"><div class="chart-head"><h2>${title}</h2><b>${last === null ? '–' : now}</b></div>
    <svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${title}: ${words}">${runsOf(
      values,
    ).map((run) =>
      curve(run, values.length, most),
    )}</svg><p class="muted chart-foot"><span>3 h ago</span><span>${most === 0 ? '' : `at most ${show(most)}`}</span><span>now</span></p></section>`;
}

interface Point {
  index: number;
  value: number;
}

/** Periods without a gap. */
function runsOf(values: readonly (number | null)[]): Point[][] {
  const runs: Point[][] = [];
  for (const [index, value] of values.entries()) {
    if (value === null) continue;
    const run = runs.at(-1);
    if (run?.at(-1)?.index === index - 1) run.push({ index, value });
    else runs.push([{ index, value }]);
  }
  return runs;
}

function curve(run: readonly Point[], count: number, most: number): Html {
  const x = (index: number): number => (index / Math.max(count - 1, 1)) * WIDTH;
  const y = (value: number): number => HEIGHT - 2 - (value / Math.max(most, 1)) * (HEIGHT - 6);
  const drawn = withLength(run);
  const points = drawn.map(({ index, value }) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`);
  const [first, last] = [x(drawn[0]?.index ?? 0), x(drawn.at(-1)?.index ?? 0)];
  return html`<polygon class="area" points="${first.toFixed(1)},${HEIGHT} ${points.join(' ')} ${last.toFixed(1)},${HEIGHT}"/><polyline class="curve" points="${points.join(' ')}"/>`;
}

/** A single value would be an invisible line, so it starts one step earlier. */
const withLength = (run: readonly Point[]): readonly Point[] =>
  run.length > 1 ? run : run.flatMap((point) => [{ ...point, index: point.index - 1 }, point]);
