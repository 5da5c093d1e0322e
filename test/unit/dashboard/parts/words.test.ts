import { expect, test } from 'vitest';
import { sentence } from '../../../../src/dashboard/parts/words.ts';

const at = (time: string): number => new Date(`2026-11-28T${time}`).getTime();
const timesIn = async (text: string, moments: number[]): Promise<string> =>
  String(await sentence(text, moments)).replaceAll(
    /<time datetime="([^"]*)" data-moment>([^<]*)<\/time>/g,
    (_, iso, shown) => `[${shown} ${new Date(iso).getTime()}]`,
  );

test.each<[text: string, moments: number[], shown: string]>([
  ['Waiting until 14:40:05.', [at('14:40:05')], `Waiting until [14:40:05 ${at('14:40:05')}].`],
  [
    'Blocked since 14:40: odd (1). Next try 14:40:05; `gate open` tries now.',
    [at('14:40:05'), at('14:40:31')],
    `Blocked since [14:40 ${at('14:40:31')}]: odd (1). Next try [14:40:05 ${at('14:40:05')}]; <code>gate open</code> tries now.`,
  ],
  ['A row of 14:40:05.', [at('14:41:00')], 'A row of 14:40:05.'],
  [
    '--max-sessions allows no more sessions, so 7 rows will wait; `kling-sessions batches set-max-sessions d 19` allows all of them.',
    [],
    'Its budget allows no more sessions, so 7 rows will wait; “Set sessions at most” with 19 allows all of them.',
  ],
  ['It costs <b>.', [at('14:41:00')], 'It costs &lt;b&gt;.'],
])('moments within %j are marked up as moments', async (text, moments, shown) =>
  expect(await timesIn(text, moments)).toBe(shown),
);
