import type { Settings } from '../../lib/settings/settings.ts';
import { findFfprobe, packagedPath } from '../../lib/video/ffprobe/find.ts';
import { FfprobeThread } from '../../lib/video/ffprobe/thread-runner.ts';
import { createProber } from '../../lib/video/http-prober.ts';
import type { Prober } from '../../lib/video/prober.ts';
import { SettingsError } from '../errors/settings-error.ts';
import { addressGuard } from './address-guard.ts';

type ProbeSettings = Pick<
  Settings,
  'FFPROBE_PATH' | 'PROBE_ALLOW_HOSTS' | 'PROBE_MAX_BYTES' | 'PROBE_MEMORY_BYTES' | 'PROBE_TIMEOUT'
>;

/** `searchPath`: as `PATH`. @throws SettingsError when no working ffprobe is found, or PROBE_ALLOW_HOSTS is malformed. */
export async function openProber(
  settings: ProbeSettings,
  searchPath: string,
): Promise<Prober & AsyncDisposable> {
  const { allowHosts } = addressGuard(settings, 'PROBE_ALLOW_HOSTS');
  const ffprobePath = requireFfprobe(settings, searchPath);
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

export function requireFfprobe(
  settings: Pick<Settings, 'FFPROBE_PATH'>,
  searchPath: string,
): string {
  const found = findFfprobe({
    ...(settings.FFPROBE_PATH && { givenPath: settings.FFPROBE_PATH }),
    searchPath,
  });
  if (found !== null) return found.path;
  const packaged = settings.FFPROBE_PATH ? null : packagedPath();
  throw new SettingsError(
    packaged === null
      ? 'No working ffprobe was found. Run `npm ci` again, install ffmpeg, or set FFPROBE_PATH.'
      : `This user may not execute ${packaged}. Give it the right with \`chmod 755\`, install ffmpeg, or set FFPROBE_PATH.`,
  );
}
