import { writeFileSync } from 'node:fs';

/** Address space for ffprobe; if a file needs more, that is a fact about the row. */
const MEMORY_LIMIT_KIB = 2 * 1024 * 1024;
/** A last limit in case this process is killed and leaves a spinning ffprobe behind. */
const CPU_LIMIT_S = 60;

/**
 * Writes a script that starts ffprobe with a memory limit and as leader of its own process group, so that it can be
 * killed with everything it has started. fluent-ffmpeg accepts only a path, so a script is needed. On a system
 * without `setsid` or without the limit, ffprobe runs without them.
 */
export function writeFfprobeLauncher(launcherPath: string, ffprobePath: string): void {
  const quoted = `'${ffprobePath.replaceAll("'", "'\\''")}'`;
  const script = `#!/bin/sh
ulimit -v ${MEMORY_LIMIT_KIB} 2>/dev/null
ulimit -t ${CPU_LIMIT_S} 2>/dev/null
ulimit -c 0 2>/dev/null
if command -v setsid >/dev/null; then
  exec setsid ${quoted} "$@"
fi
exec ${quoted} "$@"
`;
  // Synchronous, so that no process is started while the script is open, because an open script cannot be executed.
  writeFileSync(launcherPath, script, { mode: 0o700, flag: 'wx' });
}
