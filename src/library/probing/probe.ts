import { judgeProbe, type Probed, type ProbeFinding } from '../../lib/video/judge-probe.ts';
import { probeFile } from '../../lib/video/probe-file.ts';
import type { ProbeResult } from '../../lib/video/prober.ts';
import { abortable, neverAborted } from '../connection/abortable.ts';
import { parseSettings } from '../settings/parse-settings.ts';
import type { SettingsInput } from '../settings/settings-input.ts';
import { openProber as openHttpProber, requireFfprobe } from '../wiring/prober.ts';

/** A video on the web, or a file on this machine. */
export type VideoSource = { readonly url: string | URL } | { readonly path: string };

export interface ProbeOptions {
  /** The settings that begin with `PROBE_`, and `FFPROBE_PATH`. */
  settings?: SettingsInput;
  /** Folders to search for ffprobe, as in `PATH`, if the package has none for this system. Default none. */
  searchPath?: string;
  signal?: AbortSignal;
}

/** Reads the headers of many videos. Closing it ends the probes under way. */
export interface VideoProber extends AsyncDisposable {
  /**
   * Reads a video's header. Rejects only when `signal` is aborted: a video that cannot be read is a result, too.
   * Addresses inside your network are refused, unless `PROBE_ALLOW_HOSTS` has them.
   */
  probe(video: VideoSource, options?: { signal?: AbortSignal }): Promise<ProbeResult>;
  close(): Promise<void>;
}

/** @throws SettingsError, also when no working ffprobe is found. */
export async function openProber({
  settings: given,
  searchPath = '',
  signal,
}: ProbeOptions = {}): Promise<VideoProber> {
  return await abortable(signal, async () => {
    const settings = parseSettings(given);
    const ffprobePath = requireFfprobe(settings, searchPath);
    const http = await openHttpProber(settings, searchPath);
    const close = async (): Promise<void> => await http[Symbol.asyncDispose]();
    return {
      probe: async (video, options = {}) =>
        await abortable(options.signal, async () => {
          const ofThis = { signal: options.signal ?? neverAborted() };
          return 'path' in video
            ? await probeFile(video.path, { ffprobePath, ...ofThis })
            : await http.probe(String(video.url), ofThis);
        }),
      close,
      [Symbol.asyncDispose]: close,
    };
  });
}

/** Reads one video's header; for many, open a prober once. @throws as `openProber` and its `probe` do. */
export async function probe(video: VideoSource, options: ProbeOptions = {}): Promise<ProbeResult> {
  await using prober = await openProber(options);
  return await prober.probe(video, options.signal === undefined ? {} : { signal: options.signal });
}

/**
 * Whether the API accepts a video, with every reason. Takes the result of a probe, or facts from elsewhere as `{
 * kind: 'video', facts }`. Pure. `strictFps`: reject 23.976, 29.97 and 59.94 fps instead of warning; default false.
 */
export const judge = (result: Probed, { strictFps = false } = {}): ProbeFinding =>
  judgeProbe(result, { strictFps });
