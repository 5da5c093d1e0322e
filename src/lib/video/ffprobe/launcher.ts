import { writeFileSync } from 'node:fs';

/** Address space that ffprobe may use; a file that needs more is a fact about the row. */
const MEMORY_LIMIT_KIB = 2 * 1024 * 1024;
/** A last bound should this process be killed and leave an ffprobe behind that spins. */
const CPU_LIMIT_S = 60;

/**
 * Writes a script that starts ffprobe with a memory limit and as leader of a process group of its own, so
 * that it can be killed with whatever it has started. fluent-ffmpeg takes a path and nothing else,
 * hence a script. A system without `setsid` or without the limit runs ffprobe as it is.
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
  // Synchronous, so that no process is started while the script is open: it could not be executed.
  writeFileSync(launcherPath, script, { mode: 0o700, flag: 'wx' });
}
