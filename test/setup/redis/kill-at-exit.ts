import type { ChildProcess } from 'node:child_process';

const running = new Map<ChildProcess, NodeJS.Signals>();

// One listener for all: a listener for each server is a warning from the eleventh on.
process.once('exit', () => {
  for (const [child, signal] of running) child.kill(signal);
});

/** Ends a server with this process, whatever ends that, unless the server has ended before. */
export function killAtExit(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): void {
  running.set(child, signal);
  child.once('exit', () => running.delete(child));
}
