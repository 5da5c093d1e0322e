import type { Settings } from '../../lib/settings/settings.ts';
import { findFfprobe } from '../../lib/video/ffprobe/find.ts';
import { FfprobeThread } from '../../lib/video/ffprobe/thread-runner.ts';
import { createProber } from '../../lib/video/http-prober.ts';
import type { Prober } from '../../lib/video/prober.ts';
import { CliError, EXIT } from '../process/exit.ts';
import { addressGuard } from './address-guard.ts';

/** @throws CliError when no working ffprobe is found, or PROBE_ALLOW_HOSTS is malformed. */
export async function openProber(settings: Settings): Promise<Prober & AsyncDisposable> {
  const { allowHosts } = addressGuard(settings, 'PROBE_ALLOW_HOSTS');
  const ffprobePath = requireFfprobe(settings);
  const thread = new FfprobeThread();
  const prober = await createProber({
    ffprobePath,
    runFfprobe: thread.run,
    timeoutMs: settings.PROBE_TIMEOUT,
    maxBytes: settings.PROBE_MAX_BYTES,
    memoryBytes: settings.PROBE_MEMORY_BYTES,
    allowHosts,
  });
  return {
    probe: (videoUrl, options) => prober.probe(videoUrl, options),
    [Symbol.asyncDispose]: async () => {
      await prober[Symbol.asyncDispose]();
      await thread[Symbol.asyncDispose]();
    },
  };
}

export function requireFfprobe(settings: Settings): string {
  const found = findFfprobe({
    ...(settings.FFPROBE_PATH && { givenPath: settings.FFPROBE_PATH }),
    searchPath: process.env.PATH ?? '',
  });
  if (found !== null) return found.path;
  throw new CliError(
    EXIT.usage,
    'No working ffprobe was found. Run `npm ci` again, install ffmpeg, or set FFPROBE_PATH.',
  );
}
