import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseAllowHosts } from '../../../../src/lib/network/allow-hosts.ts';
import { createProber } from '../../../../src/lib/video/http-prober.ts';
import { probeFile } from '../../../../src/lib/video/probe-file.ts';
import type { Prober } from '../../../../src/lib/video/prober.ts';
import { ffprobePath } from '../../../corpus/bad-servers.ts';
import { type FileServer, serveFiles } from '../../../corpus/serve-files.ts';
import { summarize } from '../../../corpus/summarize.ts';

/** Clips as the programs wrote them of which they bear the name. test/corpus/README.md says how each was made. */
const CLIPS = join(import.meta.dirname, '../../../corpus/clips');

let server: FileServer;
let prober: Prober & AsyncDisposable;

beforeAll(async () => {
  server = await serveFiles(CLIPS);
  prober = await createProber({ ffprobePath, allowHosts: parseAllowHosts('127.0.0.1') });
});

afterAll(async () => {
  await prober[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

test.each([
  ['ffmpeg-4.1-concat.mp4', '+ (fps_near)', [29.857, 5.024]],
  ['ffmpeg-7.1-from-mkv.mp4', '+', [60.03, 1.999]],
  ['gstreamer-1.22-avmux-without-b-frames.mp4', '+ (duration_disagrees)', [30, 3]],
  ['gstreamer-1.22-avmux.mp4', '- fps (fps_variable) (duration_disagrees)', [10.112, 3]],
  ['gstreamer-1.22-fragmented.mp4', '+', [30, 3]],
  ['gstreamer-1.22.mov', '+', [30, 3]],
  ['handbrake-1.6.mp4', '+', [30, 2]],
  ['melt-7.12.mp4', '+', [30, 2.033]],
  ['opencv-4.6.mp4', '+ (fps_ntsc)', [29.97, 2.002]],
  ['vlc-3.0-remuxed.mp4', '+', [24, 2.875]],
  ['vlc-3.0-transcoded.mp4', '+ (fps_variable) (fps_near)', [24.353, 2.833]],
])(
  'the clip %s is judged %s, over the network and on disk',
  async (name, verdict, [fps, durationS]) => {
    const { signal } = new AbortController();
    for (const result of [
      await prober.probe(server.url(name), { signal }),
      await probeFile(join(CLIPS, name), { ffprobePath, signal }),
    ]) {
      expect(summarize(result)).toBe(verdict);
      expect(result).toMatchObject({
        facts: { fps: expect.closeTo(fps ?? 0, 3), durationS: expect.closeTo(durationS ?? 0, 3) },
      });
    }
  },
);
