import { onTestFinished } from 'vitest';
import { parseAllowHosts } from '../../../../src/lib/network/allow-hosts.ts';
import { createProber } from '../../../../src/lib/video/http-prober.ts';
import type { Prober } from '../../../../src/lib/video/prober.ts';
import type { ImportOptions } from '../../../../src/producer/import-options.ts';
import { ffprobePath } from '../../../corpus/bad-servers.ts';
import {
  startVideoServer,
  type VideoName,
  type VideoServer,
  videoFolder,
} from '../../../setup/video-server.ts';
import { StageLab } from './stage-lab.ts';

/** A stage lab whose worker reads real videos from a server on loopback. */
export interface ProbeLab {
  lab: StageLab;
  /** Pass it to `lab.probeRow`. */
  worker: { prober: Prober };
  videos: VideoServer;
  /** How often a video was read. */
  readings: () => number;
  /** Is called before each reading, in the middle of the stage. */
  beforeReading: { act: () => Promise<unknown> };
  /** Rows that were passed on to be opened. */
  handedOn: () => Promise<number>;
}

/** Await it before the tests of a file: on a busy machine ffmpeg takes longer than a test may. */
export async function makeVideos(): Promise<void> {
  await videoFolder();
}

type LabVideo = VideoName | 'absent.mp4';

/** `names`: the video of each row; an absent one is answered with 404. Rows differ by their titles. */
export async function openProbeLab(
  names: readonly (LabVideo | `${LabVideo}?${string}`)[],
  options: Partial<ImportOptions> = {},
): Promise<ProbeLab> {
  const videos = await startVideoServer();
  const real = await createProber({ ffprobePath, allowHosts: parseAllowHosts(videos.host) });
  onTestFinished(async () => {
    await real[Symbol.asyncDispose]();
    await videos[Symbol.asyncDispose]();
  });
  const rows = names.map((name, index) => `clip ${index + 1},http://${videos.host}/${name}`);
  const lab = await StageLab.open({ manifest: ['title,video_url', ...rows].join('\n'), options });
  let readings = 0;
  const beforeReading = { act: async (): Promise<unknown> => undefined };
  const prober: Prober = {
    probe: async (...given) => {
      readings += 1;
      await beforeReading.act();
      return await real.probe(...given);
    },
  };
  const handedOn = async (): Promise<number> => {
    const { wait = 0 } = await lab.workshop.queues.countJobs('init-selection');
    return wait;
  };
  return { lab, worker: { prober }, videos, readings: () => readings, beforeReading, handedOn };
}
