import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { noActivity } from '../../../src/lib/core/activity.ts';
import { newGate } from '../../../src/lib/core/gate/gate.ts';
import type { Installation } from '../../../src/lib/metrics/installation.ts';
import { Metrics } from '../../../src/lib/metrics/metrics.ts';

const read = (path: string): string =>
  readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

const zero = { waiting: 0, probing: 0, ready: 0, opening: 0 };
const INSTALLATION: Installation = {
  totals: noActivity(),
  gate: newGate(0),
  concurrency: 1,
  limits: { concurrency: 1, ratePerSecond: 0, sessionsPerDay: 0 },
  sessionsToday: 7,
  workers: 1,
  jobs: { dispatch: { wait: 0 }, probe: { wait: 0 }, 'init-selection': { wait: 0 } },
  batches: { importing: 0, running: 0, paused: 0, completed: 0, cancelling: 0, cancelled: 0 },
  batchesAtLimit: 0,
  sessionsNotRenewed: 0,
  pending: zero,
  schedules: { active: 0, paused: 0 },
  scheduleLatenessMs: 0,
  database: { isAnswering: true, changesBehind: 0, behindMs: 0 },
};

async function exportedNames(): Promise<Set<string>> {
  const metrics = new Metrics({ version: '0', read: async () => INSTALLATION, now: Date.now });
  const names = (await metrics.collect()).match(/^kling_sessions_\w+/gm) ?? [];
  return new Set(names);
}

test.each(['deploy/grafana/kling-sessions.json', 'deploy/prometheus/alerts.yml'])(
  '%s asks only for what is exported',
  async (path) => {
    const asked = read(path).match(/kling_sessions_\w+/g) ?? [];
    const exported = await exportedNames();
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.filter((name) => !exported.has(name))).toEqual([]);
  },
);

test('operations.md describes every metric, and no other', async () => {
  const page = read('docs/operations.md').split('\n## Metrics\n')[1]?.split('\n## ')[0] ?? '';
  const cells = page.match(/^\| `[a-z_]+`[^|]*\|/gm) ?? [];
  const described = cells.flatMap((cell) => cell.match(/[a-z_]{5,}/g) ?? []);
  const base = (name: string): string =>
    name.replace('kling_sessions_', '').replace(/_(bucket|sum|count)$/, '');
  const exported = new Set([...(await exportedNames())].map(base));
  expect(new Set(described)).toEqual(exported);
});

test('each alert links to its section', () => {
  const headings = (read('docs/operations.md').match(/^#+ .*$/gm) ?? []).map((heading) =>
    heading.replace(/^#+ /, '').toLowerCase().replaceAll(' ', '-'),
  );
  const rules = read('deploy/prometheus/alerts.yml');
  const anchors = [...rules.matchAll(/runbook: docs\/operations\.md#(\S+)/g)].map(([, to]) => to);
  expect(anchors).toHaveLength((rules.match(/- alert:/g) ?? []).length);
  expect(anchors.filter((anchor) => !headings.includes(anchor ?? ''))).toEqual([]);
});

test('the Grafana dashboard is JSON whose panels do not overlap', () => {
  const { panels } = JSON.parse(read('deploy/grafana/kling-sessions.json')) as {
    panels: { id: number; targets: { expr: string }[] }[];
  };
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
});
