import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { judgeVideo } from '../../../../src/lib/core/video/judge-video.ts';
import { probeFile } from '../../../../src/lib/video/probe-file.ts';
import { ffprobePath } from '../../../corpus/bad-servers.ts';
import { makeCorpus } from '../../../corpus/make-corpus.ts';

const { signal } = new AbortController();
const NAMES = [
  'moov-first.mp4',
  'fragmented.mp4',
  'hidden-moov.mp4',
  'large-moov.mp4',
  'small.mp4',
  'webm.mp4',
  'no-video-track.mp4',
  'cut-in-moov.mp4',
  'noise.mp4',
];
let folder: string;
beforeAll(async () => {
  folder = await makeCorpus(NAMES);
}, 120_000);

test.each([
  ['moov-first.mp4', 'accepted'],
  ['fragmented.mp4', 'accepted'],
  ['hidden-moov.mp4', 'accepted'],
  ['large-moov.mp4', 'accepted'],
  ['small.mp4', 'rejected'],
  ['webm.mp4', 'other_container'],
  ['no-video-track.mp4', 'no_video_track'],
  ['cut-in-moov.mp4', 'truncated'],
  ['noise.mp4', 'not_a_video'],
  ['no-such-file.mp4', 'file'],
  ['.', 'file'],
])('the probe of a file judges it: %s: %s', async (name, expected) => {
  const result = await probeFile(join(folder, name), { ffprobePath, signal });
  const verdict = result.kind === 'video' && judgeVideo(result.facts, { strictFps: false });
  const found = verdict ? (verdict.isAccepted ? 'accepted' : 'rejected') : result.kind;
  expect(result.kind === 'unreadable' ? result.failure.code : found).toBe(expected);
});
