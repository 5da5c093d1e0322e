import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readFilePlainly } from '../../../../corpus/accept-file.ts';
import { ffprobePath } from '../../../../corpus/bad-servers.ts';
import { makeCorpus } from '../../../../corpus/make-corpus.ts';
import { mutate, seededRandom } from '../../../../corpus/mutate.ts';
import { VIDEOS } from '../../../../corpus/recipes.ts';
import { MATERIALS, RECORDERS } from '../../../../corpus/recorders.ts';
import { askStockFfprobe } from '../../../../corpus/stock-ffprobe.ts';

/** How many damaged files are read: a few by default, thousands for a long run. */
const MUTATIONS = Number(process.env.PROBE_MUTATIONS ?? 300);
const SEED = Number(process.env.PROBE_MUTATIONS_SEED ?? 1);
/** A folder of other files, which are compared as well. */
const FILES = process.env.PROBE_FILES;

const RECIPES = { ...VIDEOS, ...RECORDERS, ...MATERIALS };
const NAMES = Object.keys(RECIPES);
let folder: string;

beforeAll(async () => {
  folder = await makeCorpus(NAMES);
}, 300_000);

/** Clips that need no process. Without one of these probing would be correct but slow. */
const ACCEPTED = [
  ...['moov-last.mp4', 'moov-first.mp4', 'quicktime.mov', 'brand-3gp.mp4', 'mdat-64-bit.mp4'],
  ...['mdat-to-the-end.mp4', 'other-boxes.mp4', 'large-moov.mp4', 'second-mdat.mp4'],
  ...['edit-list.mp4', 'rotated.mp4', 'upside-down.mp4', 'coarse-clock.mp4', 'odd-size.mp4'],
  ...['cover-art.mp4', 'hevc.mp4', 'hevc-hvc1.mov', 'prores.mov', 'vp9-420.mp4', 'b-frames-24.mp4'],
  ...['copied-from-matroska-60.mp4', 'sound-first.mp4'],
  ...['fragmented.mp4', 'fragmented-no-mfra.mp4', 'zero-duration-fragmented.mp4'],
];

describe('the header reader accepts by itself', () => {
  test.each(ACCEPTED)('%s', async (name) => {
    expect(await readFilePlainly(await readFile(join(folder, name)), 'accept')).not.toBeNull();
  });
});

/** Null when the header reader leaves the file to ffprobe; else whether plain ffprobe agrees on the whole file. */
async function compare(path: string, how: 'accept' | 'read'): Promise<string | null> {
  const facts = await readFilePlainly(await readFile(path), how);
  if (facts === null) return null;
  const stock = await askStockFfprobe(ffprobePath, path);
  if (stock.kind !== 'video') return stock.kind;
  const isSame = stock.tracks.some(
    ({ isAccepted, codec, width, height, fps, durationS }) =>
      (isAccepted || how === 'read') &&
      codec === facts.codec &&
      width === facts.width &&
      height === facts.height &&
      Math.abs(fps - facts.fps) < 0.01 &&
      // For some damaged files ffprobe prints durations of thousands of years.
      (Math.abs((durationS ?? 0) - (facts.durationS ?? 0)) < 0.002 || how === 'accept'),
  );
  return isSame ? 'same' : `${JSON.stringify(facts)}, stock: ${JSON.stringify(stock.tracks)}`;
}

describe('plain ffprobe accepts what the header reader accepts, with the same facts', () => {
  test.each(NAMES)('%s', async (name) => {
    expect(['same', null]).toContain(await compare(join(folder, name), 'read'));
  });

  test.runIf(FILES !== undefined)(
    'plain ffprobe accepts files from elsewhere that the header reader accepts, with the same facts',
    async () => {
      const found = new Map<string, string | null>();
      for (const name of await readdir(FILES ?? '')) {
        found.set(name, await compare(join(FILES ?? '', name), 'read'));
      }
      const wrong = [...found].filter(([, result]) => !['same', 'error', null].includes(result));
      expect(wrong).toEqual([]);
      const read = [...found.values()].filter((result) => result !== null);
      expect(read.length, `of ${found.size} files`).toBeGreaterThan(0);
    },
    600_000,
  );

  test(
    `plain ffprobe accepts what the header reader accepts of ${MUTATIONS} damaged files`,
    async () => {
      const bases = await Promise.all(ACCEPTED.map((name) => readFile(join(folder, name))));
      const drafts = await mkdtemp(join(tmpdir(), 'kling-sessions-plain-'));
      const wrong: string[] = [];
      let accepted = 0;
      for (let index = 0; index < MUTATIONS; index += 1) {
        const base = bases[index % bases.length] ?? Buffer.alloc(0);
        const path = join(drafts, 'mutant.mp4');
        const mutant = mutate(base, seededRandom(SEED * 1_000_003 + index));
        if ((await readFilePlainly(mutant, 'accept')) === null) continue;
        accepted += 1;
        await writeFile(path, mutant);
        const result = await compare(path, 'accept');
        // What plain ffprobe cannot read costs a call, but no video.
        if (result !== 'same' && result !== 'error') {
          wrong.push(`number ${index}, ${ACCEPTED[index % ACCEPTED.length]}: ${result}`);
        }
      }
      await rm(drafts, { recursive: true });
      expect(wrong).toEqual([]);
      expect(accepted).toBeGreaterThan(MUTATIONS / 10);
    },
    Math.max(60_000, MUTATIONS * 200),
  );
});
