import type { SeededRandom } from './seeded-random.ts';

const FIRST_ID = 710_000_000_000_000_000n;
/** The distance between the id of a video's task and its own; a row with the same id twice is malformed. */
const TASK_AFTER_VIDEO = 500_000_000_000n;
const GOOD = ['good.mp4', 'good.mov', 'moov-at-end.mp4', 'good-8s.mp4'] as const;
const BAD = ['too-short.mp4', 'too-small.mp4', 'truncated.mp4', 'absent.mp4'] as const;
const PADDING = 'x'.repeat(120);

/** Rows of every kind: id pairs, good and bad videos, some of them shared, repeated rows and malformed ones. */
export function makeRows(
  count: number,
  round: number,
  videos: string,
  random: SeededRandom,
): string[] {
  const rows: string[] = [];
  for (let row = 1; row <= count; row += 1) {
    const own = `${round}-${row}`;
    const id = String(FIRST_ID + BigInt(round) * 1_000_000n + BigInt(row));
    const pair = `,${id},${BigInt(id) + TASK_AFTER_VIDEO}`;
    const sources = {
      pair,
      video: `${videos}/${random.pick(GOOD)}?row=${own},,`,
      sharedVideo: `${videos}/good.mp4?shared=${round}-${row % 40},,`,
      badVideo: `${videos}/${random.pick(BAD)}?row=${own},,`,
      mangledId: `,${id.slice(0, 5)}e+17,${id}`,
      repeated: '',
    };
    const kind = chooseKind(random.next());
    const repeated = kind === 'repeated' ? rows.at(-random.between(1, 20)) : undefined;
    rows.push(repeated ?? `clip ${own} ${PADDING},${sources[kind] || pair}`);
  }
  return rows;
}

type Kind = 'pair' | 'video' | 'sharedVideo' | 'badVideo' | 'repeated' | 'mangledId';

/** The last number of each kind. */
const SHARES: readonly [Kind, number][] = [
  ['pair', 0.6],
  ['video', 0.8],
  ['sharedVideo', 0.88],
  ['badVideo', 0.92],
  ['repeated', 0.96],
  ['mangledId', 1],
];

const chooseKind = (dice: number): Kind =>
  SHARES.find(([, below]) => dice < below)?.[0] ?? 'mangledId';

export const asCsv = (rows: string[]): string =>
  `title,video_url,video_id,task_id\n${rows.join('\n')}\n`;
