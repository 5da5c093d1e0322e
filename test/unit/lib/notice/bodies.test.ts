import { describe, expect, test } from 'vitest';
import { NO_ARRANGEMENTS } from '../../../../src/lib/core/batch/batch.ts';
import { composeBody } from '../../../../src/lib/notice/compose-body.ts';
import type { Notice } from '../../../../src/lib/notice/notice.ts';
import { standardBody } from '../../../../src/lib/notice/standard-body.ts';
import { batchNews } from './examples.ts';

const NOW_MS = Date.UTC(2026, 10, 25, 20);
const context = { dashboardUrl: 'https://kling.example/ops', nowMs: NOW_MS };
const run = {
  schedule: 'nightly',
  plannedAtMs: Date.UTC(2026, 10, 24, 18),
  zone: 'Asia/Taipei',
  notify: null,
};
const nightly = {
  ...NO_ARRANGEMENTS,
  schedule: 'nightly',
  finishBy: { atMs: Date.UTC(2026, 10, 25, 22), zone: 'Asia/Taipei' },
};
const good = batchNews({ arrangements: nightly, counts: { succeeded: 1_198, duplicate: 2 } });
const bad = batchNews({ counts: { succeeded: 980, failed: 15, rejected: 5 } }, [
  { code: '1301', count: 12, sample: 'see https://videos.example/1.mp4?sig=secret <b>&' },
]);
const late = batchNews({ arrangements: nightly, finishedAtMs: null, counts: { waiting: 12_000 } });
const stuck = batchNews({ finishedAtMs: null, counts: { failed: 20, waiting: 80 } });

const NOTICES: [type: string, notice: Notice, sentence: string][] = [
  [
    'batch.finished',
    { kind: 'finished', ...good },
    'Batch clips-1a2b3c4d finished: all 1,200 rows have a session.',
  ],
  [
    'batch.finished_with_failures',
    { kind: 'finished_with_failures', ...bad },
    'Batch clips-1a2b3c4d finished: 980 of 1,000 rows have a session; 15 failed, 5 rejected.',
  ],
  [
    'schedule.recovered',
    { kind: 'recovered', ...good },
    'Schedule nightly has recovered: batch clips-1a2b3c4d finished, all 1,200 rows have a session.',
  ],
  [
    'batch.deadline_at_risk',
    { kind: 'deadline_at_risk', ...late, expectedEndMs: NOW_MS + 3 * 3_600_000, isAssumed: false },
    'Batch clips-1a2b3c4d may not end by 06:00 (Asia/Taipei): 12,000 rows are left, which at the present pace end at 07:00.',
  ],
  [
    'batch.deadline_at_risk',
    { kind: 'deadline_at_risk', ...late, expectedEndMs: null, isAssumed: true },
    'Batch clips-1a2b3c4d may not end by 06:00 (Asia/Taipei): 12,000 rows are left, and nothing moves.',
  ],
  [
    'batch.sessions_expire',
    { kind: 'sessions_expire', ...good, sessions: 1_100, reason: 'It is paused.', atMs: NOW_MS },
    'Batch clips-1a2b3c4d: 1,100 sessions to be kept alive expire within ten minutes. It is paused.',
  ],
  [
    'batch.paused',
    {
      kind: 'paused_itself',
      ...stuck,
      atMs: NOW_MS,
      reason: 'too many rows failed, mostly with 1301',
    },
    'Batch clips-1a2b3c4d paused itself, and 80 rows wait: too many rows failed, mostly with 1301.',
  ],
  [
    'gate.blocked',
    { kind: 'gate_blocked', sinceMs: NOW_MS, code: '1102', sentence: 'Blocked since 20:00: …' },
    'The API is not being called. Blocked since 20:00: …',
  ],
  [
    'sessions.used_up',
    {
      kind: 'sessions_used_up',
      sinceMs: NOW_MS,
      untilMs: NOW_MS + 1,
      perDay: 500,
      sentence: 'The 500 sessions of this day …',
    },
    'The API is not being called. The 500 sessions of this day …',
  ],
  [
    'run.missed',
    { kind: 'run_missed', run },
    'Schedule nightly missed its run of 2026-11-25 02:00 (Asia/Taipei): no worker was running in time.',
  ],
  [
    'run.skipped',
    { kind: 'run_skipped', run, why: 'manifest_missing', detail: 'clips.csv: no such file' },
    'Schedule nightly skipped its run of 2026-11-25 02:00 (Asia/Taipei): its manifest does not exist.',
  ],
  [
    'test',
    { kind: 'test', atMs: NOW_MS },
    'This is a test; notices of kling-sessions arrive here.',
  ],
];

describe('standard body', () => {
  test.each(NOTICES)(
    'the standard body of %s is as the schema says, and says in words what it is',
    (type, notice, sentence) => {
      const body = JSON.parse(composeBody(notice, 'standard', context));
      // The body has no field that the schema does not name.
      expect(standardBody.parse(body)).toEqual(body);
      expect(body.type).toBe(type);
      expect(body.data.sentence).toBe(sentence);
    },
  );

  test('the standard body has the counts, the errors without signatures, and links to page and report', () => {
    const body = JSON.parse(
      composeBody({ kind: 'finished_with_failures', ...bad }, 'standard', context),
    );
    expect(body).toMatchObject({
      version: 1,
      timestamp: '2026-11-25T03:00:00.000Z',
      data: {
        link: 'https://kling.example/ops/batches/clips-1a2b3c4d',
        report: 'https://kling.example/ops/batches/clips-1a2b3c4d/report.csv',
        batch: {
          rows: 1_000,
          withoutSession: 20,
          schedule: null,
          tags: [],
          counts: { succeeded: 980, waiting: 0 },
        },
        errors: [{ code: '1301', count: 12, sample: 'see https://videos.example/1.mp4?… <b>&' }],
      },
    });
  });

  test('the standard body has no link without a dashboard', () => {
    const body = composeBody({ kind: 'finished', ...good }, 'standard', {
      ...context,
      dashboardUrl: null,
    });
    expect(JSON.parse(body).data).toMatchObject({ link: null, report: null });
  });
});

describe('Slack form', () => {
  const slack = (notice: Notice) => JSON.parse(composeBody(notice, 'slack', context));

  test.each(NOTICES)('the Slack form of %s has a text and sections', (type, notice) => {
    const { text, blocks } = slack(notice);
    expect(text).not.toBe('');
    expect(blocks[0]).toEqual({
      type: 'section',
      text: {
        type: 'mrkdwn',
        text: expect.stringMatching(/\n<https:\/\/kling\.example\/ops\/\S*\|Open the dashboard>/),
      },
    });
    const report = '/batches/clips-1a2b3c4d/report.csv|Download the report>';
    const isAboutBatch = /^(batch|schedule)\./.test(type);
    expect(blocks[0].text.text.includes(report)).toBe(isAboutBatch);
  });

  test('the Slack form escapes markup in foreign text', () => {
    const [, errors] = slack({ kind: 'finished_with_failures', ...bad }).blocks;
    expect(errors.text.text).toBe(
      '• 12 × `1301` see https://videos.example/1.mp4?… &lt;b&gt;&amp;',
    );
  });

  test("the Slack form keeps a section within Slack's limit", () => {
    const errors = Array.from({ length: 5 }, (_, at) => ({
      code: `c${at}`,
      count: 1,
      sample: '<\n'.repeat(500),
    }));
    const { blocks } = slack({ kind: 'finished_with_failures', ...bad, errors });
    expect(blocks[1].text.text.length).toBeLessThan(3_000);
  });
});
