import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { judgeVideo } from '../../../../src/lib/core/video/judge-video.ts';
import { parseAllowHosts } from '../../../../src/lib/network/allow-hosts.ts';
import { createProber } from '../../../../src/lib/video/http-prober.ts';
import { probeFile } from '../../../../src/lib/video/probe-file.ts';
import type { ProbeResult, Prober } from '../../../../src/lib/video/prober.ts';
import { ffprobePath } from '../../../corpus/bad-servers.ts';
import { makeCorpus } from '../../../corpus/make-corpus.ts';
import { NON_VIDEOS, VIDEOS } from '../../../corpus/recipes.ts';
import { RECORDERS } from '../../../corpus/recorders.ts';
import { type FileServer, serveFiles } from '../../../corpus/serve-files.ts';
import { askStockFfprobe } from '../../../corpus/stock-ffprobe.ts';
import { summarize } from '../../../corpus/summarize.ts';

const { signal } = new AbortController();

let folder: string;
let server: FileServer;
let prober: Prober & AsyncDisposable;

beforeAll(async () => {
  folder = await makeCorpus(Object.keys({ ...VIDEOS, ...NON_VIDEOS, ...RECORDERS }));
  server = await serveFiles(folder);
  prober = await createProber({ ffprobePath, allowHosts: parseAllowHosts('127.0.0.1') });
}, 300_000);

afterAll(async () => {
  await prober[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const probe = (name: string): Promise<ProbeResult> => prober.probe(server.url(name), { signal });

// ffprobe reports 480 fps for a file with a fragment per frame; the program corrects that.
const STOCK_IS_WRONG = ['fragment-per-frame.mp4'];

describe('agrees with plain ffprobe on the whole file', () => {
  const names = Object.keys(VIDEOS).filter((name) => !STOCK_IS_WRONG.includes(name));
  test.each(names)('%s', async (name) => {
    const [ours, stock] = await Promise.all([
      probe(name),
      askStockFfprobe(ffprobePath, join(folder, name)),
    ]);
    if (ours.kind !== 'video') {
      expect([ours.kind, stock.kind]).toEqual(['no_video_track', 'no_video']);
      return;
    }
    const { isAccepted, warnings } = judgeVideo(ours.facts, { strictFps: false });
    const { codec, width, height, fps, durationS } = ours.facts;
    const isDoubted = warnings.some(({ code }) => code === 'fps_near');
    const verdict = isDoubted ? {} : { isAccepted };
    // ffprobe's average includes odd first frames, so it may differ.
    const rate = isDoubted ? {} : { fps: expect.closeTo(fps, 0) };
    const found = expect.objectContaining({ codec, width, height, durationS, ...rate, ...verdict });
    expect(stock).toMatchObject({ kind: 'video', tracks: expect.arrayContaining([found]) });
  });
});

describe('verdict', () => {
  test.each([
    ['moov-last.mp4', '+'],
    ['moov-first.mp4', '+'],
    ['no-ftyp.mov', '+'],
    ['moov-packed.mov', '+'],
    ['hidden-moov.mp4', '+'],
    ['fragmented.mp4', '+'],
    ['fragmented-sidx.mp4', '+'],
    ['fragment-per-frame.mp4', '+'],
    ['zero-duration-fragmented.mp4', '+'],
    ['edit-list-copy.mp4', '+'],
    ['rotated.mp4', '+'],
    ['anamorphic.mp4', '+ (anamorphic)'],
    ['audio-longer.mp4', '+ (duration_disagrees)'],
    ['cover-art.mp4', '+'],
    ['picture-track.mov', '+ (several_video_tracks)'],
    ['two-tracks.mp4', '+ (several_video_tracks)'],
    ['variable-rate.mp4', '+ (fps_variable) (fps_near)'],
    ['variable-rate-30.mp4', '+ (fps_variable) (fps_near)'],
    ['coarse-clock.mp4', '+'],
    ['rate-23.976.mp4', '+ (fps_ntsc)'],
    ['rate-29.97.mp4', '+ (fps_ntsc)'],
    ['rate-59.94.mp4', '+ (fps_ntsc)'],
    ['rate-25.mp4', '- fps'],
    ['rate-50.mov', '- fps'],
    ['small.mp4', '- width_too_small height_too_small'],
    ['vp9-small.mp4', '- width_too_small height_too_small'],
    ['mpeg4-part-2-small.mp4', '- width_too_small height_too_small'],
    ['wrong-sample-entry.mp4', '+'],
    ['wrong-sample-entry-far.mp4', '+'],
    ['wrong-sample-entry-vp9.mp4', '+'],
    ['frame-far-away.mp4', '- width_too_small height_too_small'],
    ['too-short.mp4', '- duration_too_short'],
    ['in-the-gap.mp4', '- duration_gap'],
    ['too-long.mp4', '- duration_too_long'],
    ['single-frame.mp4', '- duration_too_short'],
    ['zero-duration.mp4', '+ (duration_unknown)'],
    ['encrypted.mp4', '+ (encrypted)'],
    ['cut-in-mdat.mp4', '+ (truncated)'],
    ['no-video-track.mp4', 'no_video_track'],
    ['webm.mp4', 'other_container webm'],
    ['matroska.mp4', 'other_container matroska'],
    ['avi.mp4', 'other_container avi'],
    ['mpegts.mp4', 'other_container mpegts'],
    ['flv.mp4', 'other_container flv'],
    ['mpegps.mp4', 'other_container mpegps'],
    ['asf.mp4', 'other_container asf'],
    ['ogg.mp4', 'other_container ogg'],
    ['picture.png', 'unreadable not_a_video'],
    ['noise.mp4', 'unreadable not_a_video'],
    ['zeros.mp4', 'unreadable not_a_video'],
    ['cut-before-moov.mp4', 'unreadable truncated'],
    ['cut-in-moov.mp4', 'unreadable truncated'],
    ['cut-in-ftyp.mp4', 'unreadable truncated'],
    ['no-moov.mp4', 'unreadable no_moov'],
    ['noise-after-ftyp.mp4', 'unreadable truncated'],
  ])('%s: %s', async (name, expected) => {
    expect(summarize(await probe(name))).toBe(expected);
  });

  test.each([
    ['dropped-2-of-150-at-30.mp4', '+ (fps_variable) (fps_near)'],
    ['dropped-3-of-150-at-30.mov', '+ (fps_variable) (fps_near)'],
    ['dropped-2-of-300-at-60.mp4', '+ (fps_variable) (fps_near)'],
    ['dropped-2-of-120-at-24.mp4', '+ (fps_variable) (fps_near)'],
    ['dropped-20-of-150-at-30.mp4', '+ (fps_variable) (fps_near)'],
    ['dropped-2-of-125-at-25.mp4', '- fps (fps_variable)'],
    ['pipe-with-sound-60.mp4', '+'],
    ['pipe-with-sound-24.mp4', '+ (duration_near)'],
    ['pipe-with-sound-25.mp4', '- fps'],
    ['pipe-dropped.mp4', '+ (fps_variable) (fps_near)'],
    ['first-frames-without-duration-30.mp4', '+'],
    ['first-frames-without-duration-24.mp4', '+'],
    ['copied-from-matroska-60.mp4', '+'],
    ['sound-first.mp4', '+'],
    ['sound-first-fragmented.mp4', '+'],
    ['jitter.mp4', '+ (fps_variable) (fps_near)'],
    ['jitter-fragmented.mp4', '+ (fps_variable) (fps_near)'],
    ['long-last-frame.mp4', '+ (duration_disagrees)'],
    ['empty-edit.mp4', '+ (duration_disagrees)'],
    ['empty-edit.mov', '+ (duration_disagrees)'],
    ['hidden-frames.mp4', '+ (duration_disagrees)'],
    ['vp9-420.mp4', '+'],
    ['codec-nobody-knows.mp4', '+ (codec_unknown)'],
  ])('the verdict on a clip of a recorder is: %s: %s', async (name, expected) => {
    expect(summarize(await probe(name))).toBe(expected);
    const local = await probeFile(join(folder, name), { ffprobePath, signal });
    expect(summarize(local), 'as a local file').toBe(expected);
  });

  test('an MP4 is distinguished from a MOV by its brand', async () => {
    const containers = await Promise.all(
      ['moov-last.mp4', 'brand-3gp.mp4', 'quicktime.mov', 'no-ftyp.mov'].map(async (name) => {
        const result = await probe(name);
        return result.kind === 'video' ? result.facts.container : result.kind;
      }),
    );
    expect(containers).toEqual(['mp4', 'mp4', 'mov', 'mov']);
  });
});

describe('costs at most three requests and 64 KB beyond moov', () => {
  // Files of which only the whole gives the facts.
  const wholeFiles = /fragment|packed|hidden/;
  // Media data in several pieces: each piece needs a jump, and with the last one the first frame is far from all.
  const scattered = /second-mdat|between|far/;
  const names = Object.keys(VIDEOS).filter(
    (name) => !wholeFiles.test(name) && !scattered.test(name),
  );
  test.each(names)('%s', async (name) => {
    const { cost } = await probe(name);
    const moovBytes = name.startsWith('large-moov') ? 205_000 : 0;
    expect(cost.requests).toBeLessThanOrEqual(3);
    expect(cost.bytesRead).toBeLessThanOrEqual(moovBytes + 64 * 1024);
  });
});
