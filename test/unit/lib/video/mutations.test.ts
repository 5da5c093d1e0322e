import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { judgeVideo } from '../../../../src/lib/core/video/judge-video.ts';
import { parseAllowHosts } from '../../../../src/lib/network/allow-hosts.ts';
import { createProber } from '../../../../src/lib/video/http-prober.ts';
import { layOutHeaderFile } from '../../../../src/lib/video/mp4/header-file.ts';
import { locateMoov } from '../../../../src/lib/video/mp4/locate-moov.ts';
import { readMoov } from '../../../../src/lib/video/mp4/moov.ts';
import { splitAtBoxes } from '../../../../src/lib/video/mp4/split-at-boxes.ts';
import type { ProbeResult } from '../../../../src/lib/video/prober.ts';
import { ReadError } from '../../../../src/lib/video/read-error.ts';
import { ffprobePath } from '../../../corpus/bad-servers.ts';
import { makeCorpus } from '../../../corpus/make-corpus.ts';
import { mutate, seededRandom } from '../../../corpus/mutate.ts';
import { serveFiles } from '../../../corpus/serve-files.ts';
import { askStockFfprobe, type StockOpinion } from '../../../corpus/stock-ffprobe.ts';

/** How many damaged files ffprobe judges, too: a few by default, thousands for a long run. */
const COMPARED = Number(process.env.PROBE_MUTATIONS ?? 200);
const WALKED = Math.max(3000, COMPARED);
const SEED = Number(process.env.PROBE_MUTATIONS_SEED ?? 1);
const { signal } = new AbortController();

const BASES = [
  ...['moov-first.mp4', 'moov-last.mp4', 'quicktime.mov', 'edit-list.mp4', 'rotated.mp4'],
  ...['fragmented.mp4', 'fragmented-sidx.mp4', 'encrypted.mp4', 'vp9.mp4', 'hevc.mp4', 'av1.mp4'],
  ...['mpeg4-part-2.mp4', 'small.mp4', 'rate-25.mp4', 'in-the-gap.mp4'],
];
const bases: Buffer[] = [];
let folder: string;

beforeAll(async () => {
  const corpus = await makeCorpus(BASES);
  for (const name of BASES) {
    bases.push(await readFile(join(corpus, name)));
  }
  folder = await mkdtemp(join(tmpdir(), 'kling-sessions-mutations-'));
}, 120_000);
afterAll(() => rm(folder, { recursive: true }));

function mutant(index: number): Buffer {
  const base = bases[index % bases.length] ?? Buffer.alloc(0);
  return mutate(base, seededRandom(SEED * 1_000_003 + index));
}

test(`the walk over the boxes of ${WALKED} damaged files ends, with a result or a reason`, async () => {
  for (let index = 0; index < WALKED; index += 1) {
    const file = mutant(index);
    let reads = 0;
    const located = await locateMoov(async (first, length) => {
      reads += 1;
      const size = typeof length === 'number' ? length : file.length;
      return first >= file.length
        ? null
        : { bytes: file.subarray(first, first + size), totalBytes: file.length };
    }).catch((error: unknown) => error);
    if (located instanceof Error) {
      expect(located).toBeInstanceOf(ReadError);
    } else if (isMoov(located)) {
      readMoov(located.moov);
      layOutHeaderFile(located);
    }
    expect(reads).toBeLessThanOrEqual(12);
  }
}, 150_000);

type Located = Awaited<ReturnType<typeof locateMoov>>;
const isMoov = (located: unknown): located is Extract<Located, { kind: 'moov' }> =>
  (located as Located).kind === 'moov';

test(`a stream of ${WALKED} damaged files is cut at the same places, however its bytes arrive`, async () => {
  const borders = async (chunks: Buffer[]) => {
    const starts = new Set<number>();
    let end = 0;
    for await (const piece of splitAtBoxes(iterate(chunks))) {
      expect(piece.start).toBe(end);
      end += piece.bytes.length;
      starts.add(piece.boxStart);
    }
    return [...starts];
  };
  for (let index = 0; index < WALKED; index += 10) {
    const file = mutant(index);
    const random = seededRandom(index);
    const chunks: Buffer[] = [];
    for (let at = 0; at < file.length; ) {
      const size = 1 + random(random(2) === 0 ? 20 : 50_000);
      chunks.push(file.subarray(at, at + size));
      at += size;
    }
    expect(await borders(chunks)).toEqual(await borders([file]));
  }
}, 150_000);

async function* iterate(chunks: Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}

/** Every allowed pair. Most important: a file that plain ffprobe accepts is never rejected or given up. */
const ALLOWED = new Set([
  'accepted, stock: accepted',
  'rejected, stock: rejected',
  'no_video_track, stock: no_video',
  'unreadable, stock: error',
  // The missing part may have contained a video.
  'truncated, stock: no_video',
  'truncated, stock: error',
  // The API decides: it costs a call, but no video.
  'accepted, stock: error',
  // The file contradicts itself, and plain ffprobe reads only one side.
  'doubted, stock: accepted',
  'doubted, stock: rejected',
  'doubted, stock: error',
]);

test(
  `the verdict on ${COMPARED} damaged files is plain ffprobe's`,
  async () => {
    await using server = await serveFiles(folder);
    await using prober = await createProber({
      ffprobePath,
      allowHosts: parseAllowHosts('127.0.0.1'),
    });
    const disagreements: string[] = [];
    const queue = Array.from({ length: COMPARED }, (_, index) => index);
    const compare = async () => {
      for (let index = queue.shift(); index !== undefined; index = queue.shift()) {
        const name = `${index}.mp4`;
        const path = join(folder, name);
        await writeFile(path, mutant(index));
        // Every third file comes from a server without ranges, and is then read from front to back.
        const url = server.url(index % 3 === 2 ? `${name}?whole` : name);
        const ours = await prober.probe(url, { signal });
        const pair = `${ourWord(ours)}, stock: ${stockWord(await askStockFfprobe(ffprobePath, path))}`;
        await rm(path);
        if (!ALLOWED.has(pair)) {
          disagreements.push(`${pair}: number ${index}, ${BASES[index % BASES.length]}`);
        }
      }
    };
    await Promise.all([compare(), compare(), compare()]);
    expect(disagreements).toEqual([]);
  },
  Math.max(150_000, COMPARED * 200),
);

function ourWord(result: ProbeResult): string {
  if (result.kind === 'unreadable' && result.failure.code === 'truncated') {
    return 'truncated';
  }
  if (result.kind !== 'video') {
    return result.kind;
  }
  const { isAccepted, warnings } = judgeVideo(result.facts, { strictFps: false });
  const isDoubted = isAccepted && warnings.some(({ code }) => DOUBTS.has(code));
  return isDoubted ? 'doubted' : acceptedWord(isAccepted);
}

const DOUBTS = new Set(['fps_near', 'duration_disagrees', 'duration_near']);

function stockWord(stock: StockOpinion): string {
  return stock.kind === 'video'
    ? acceptedWord(stock.tracks.some(({ isAccepted }) => isAccepted))
    : stock.kind;
}

const acceptedWord = (isAccepted: boolean): string => (isAccepted ? 'accepted' : 'rejected');
