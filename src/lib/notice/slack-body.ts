import type { StandardBody } from './standard-body.ts';

/** Lists and notifications show `text`; the channel shows `blocks`. */
interface SlackBody {
  text: string;
  blocks: object[];
}

/** Slack refuses a section of more than 3000 characters. */
const LONGEST_SAMPLE = 200;

const MARKS: Record<StandardBody['type'], string> = {
  'batch.finished': ':white_check_mark:',
  'batch.finished_with_failures': ':warning:',
  'batch.paused': ':double_vertical_bar:',
  'batch.deadline_at_risk': ':hourglass:',
  'batch.sessions_expire': ':hourglass:',
  'batch.report_failed': ':warning:',
  'schedule.recovered': ':white_check_mark:',
  'gate.blocked': ':no_entry:',
  'sessions.used_up': ':double_vertical_bar:',
  'database.behind': ':warning:',
  'schedule.report_at_risk': ':warning:',
  'run.missed': ':warning:',
  'run.skipped': ':information_source:',
  test: ':wave:',
};

/** A notice in the form for Slack and compatible receivers. */
export function composeSlackBody({ type, data }: StandardBody): SlackBody {
  const text = `${MARKS[type]} ${escapeText(data.sentence)}`;
  const details = 'errors' in data ? data.errors.map(describeError) : [];
  return {
    text,
    blocks: [
      section([text, ...linksOf(data)].join('\n')),
      ...('detail' in data ? [section(escapeText(data.detail))] : []),
      ...(details.length === 0 ? [] : [section(details.join('\n'))]),
    ],
  };
}

function linksOf(data: StandardBody['data']): string[] {
  const report = 'report' in data ? data.report : null;
  const links = [
    ...(data.link === null ? [] : [`<${data.link}|Open the dashboard>`]),
    ...(report === null ? [] : [`<${report}|Download the report>`]),
  ];
  return links.length === 0 ? [] : [links.join(' · ')];
}

const describeError = ({ code, count, sample }: { code: string; count: number; sample: string }) =>
  `• ${count.toLocaleString('en-US')} × \`${escapeText(code).replaceAll('`', "'")}\` ${escapeText(shorten(sample))}`;

const section = (text: string): object => ({
  type: 'section',
  text: { type: 'mrkdwn', text },
});

const shorten = (text: string): string =>
  text.length > LONGEST_SAMPLE ? `${text.slice(0, LONGEST_SAMPLE - 1)}…` : text;

/** The three characters with a meaning in Slack. A line end would start a line with foreign text. */
const escapeText = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/\s+/g, ' ');
