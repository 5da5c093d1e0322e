import { expect, it } from 'vitest';
import type { ProbeResult, Prober } from '../../../src/lib/video/prober.ts';
import { openManifest } from '../../../src/producer/manifest/open-manifest.ts';
import { probeSample, type SampledVideo, spread } from '../../../src/producer/probe-sample.ts';
import { signal, temporaryFile } from './manifest/manifest-fixture.ts';

const cost = { durationMs: 1, requests: 1, bytesRead: 1 };
const NO_VIDEO: ProbeResult = { kind: 'no_video_track', cost };

/** Reports for every video that it has no video track, and counts how many are probed at once. */
function createCountingProber(): { prober: Prober; probed: string[]; most: () => number } {
  const probed: string[] = [];
  let atOnce = 0;
  let most = 0;
  const prober: Prober = {
    probe: async (url) => {
      probed.push(url);
      atOnce += 1;
      most = Math.max(most, atOnce);
      await Promise.resolve();
      atOnce -= 1;
      return NO_VIDEO;
    },
  };
  return { prober, probed, most: () => most };
}

async function sample(content: string, urlRows: number, prober: Prober): Promise<SampledVideo[]> {
  await using file = await temporaryFile(content);
  await using manifest = await openManifest(file.path, { signal });
  const context = { prober, concurrency: 4, strictFps: false, signal };
  return await probeSample(context, manifest, urlRows);
}

const urls = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `https://a.example/${n + 1}.mp4`);

it('a sample spreads 50 rows evenly over the manifest', async () => {
  const { prober } = createCountingProber();
  const sampled = await sample(urls(1_000).join('\n'), 1_000, prober);
  expect(sampled.map(({ row }) => row)).toEqual(Array.from({ length: 50 }, (_, n) => 11 + 20 * n));
});

it('a sample chooses the same rows again', async () => {
  const first = createCountingProber();
  const second = createCountingProber();
  const content = urls(777).join('\n');
  await sample(content, 777, first.prober);
  await sample(content, 777, second.prober);
  expect(second.probed).toEqual(first.probed);
});

it('a sample holds all videos of a small manifest, but no row without one and no repetition', async () => {
  const { prober } = createCountingProber();
  const content = [
    'video_url',
    'https://a.example/1.mp4',
    'nonsense',
    'https://a.example/1.mp4',
    'https://a.example/2.mp4',
  ];
  const sampled = await sample(content.join('\n'), 2, prober);
  expect(sampled.map(({ row, line, verdict }) => [row, line, verdict])).toEqual([
    [1, 2, 'rejected'],
    [4, 5, 'rejected'],
  ]);
});

it('no more videos are probed at once than allowed', async () => {
  const { prober, most } = createCountingProber();
  await sample(urls(100).join('\n'), 100, prober);
  expect(most()).toBe(4);
});

it.each([
  [0, 50, []],
  [3, 50, [0, 1, 2]],
  [10, 2, [2, 7]],
])('a sample is spread over %i places for %i', (total, count, expected) => {
  expect(spread(total, count)).toEqual(expected);
});
