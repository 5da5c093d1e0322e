import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import ffmpeg, { type FfprobeData } from 'fluent-ffmpeg';

/** The result of one run of ffprobe. */
export type FfprobeRun =
  | { kind: 'data'; data: FfprobeData }
  /** It ended by itself and found nothing to describe; `reason` is its last message. */
  | { kind: 'refused'; reason: string }
  | { kind: 'crashed'; signal: string }
  | { kind: 'timeout' }
  /** The program could not be started at all. */
  | { kind: 'unavailable'; reason: string };

export interface FfprobeOptions {
  /** The program, or a launcher that leads its own process group. */
  path: string;
  /** Longest run in ms. */
  timeoutMs: number;
}

/** How ffprobe is run: in this thread or in another. */
export type RunFfprobe = (
  filePath: string,
  options: FfprobeOptions,
  signal: AbortSignal,
) => Promise<FfprobeRun>;

/** Only local files, and only as MP4/MOV: no playlist, `concat:` or network address is ever followed. */
const INPUT = ['-f', 'mov', '-protocol_whitelist', 'file'];
/** A frame is decoded only for its size: with one thread and the least work. */
const DECODING = ['-threads', '1', '-ec', '0'];
const ARGUMENTS = ['-v', 'error', ...INPUT, ...DECODING];
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;
/** The shell's exit code for a program that cannot be executed, or found. */
const NOT_STARTED = [126, 127];

/**
 * Runs ffprobe on a local file, through fluent-ffmpeg. Rejects only with the reason of `signal`. When this settles,
 * the process and its group have ended or are about to.
 *  *
 * fluent-ffmpeg offers neither a time-out nor cancelling and hides its process. Node announces every process that it
 * creates on a diagnostics channel, and this function takes it from there.
 */
export async function runFfprobe(
  filePath: string,
  options: FfprobeOptions,
  signal: AbortSignal,
): Promise<FfprobeRun> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = captureChild(() => {
      // The library has one path for the whole process, so it is set right before use.
      const command = ffmpeg(filePath).setFfprobePath(options.path);
      command.ffprobe(ARGUMENTS, (error: unknown, data: FfprobeData) => {
        settle();
        resolve(error ? describeFailure(error, child, filePath) : { kind: 'data', data });
      });
    });
    const stop = (conclude: () => void) => {
      settle();
      killGroup(child);
      conclude();
    };
    const onAbort = () => stop(() => reject(signal.reason));
    const timer = setTimeout(() => stop(() => resolve({ kind: 'timeout' })), options.timeoutMs);
    signal.addEventListener('abort', onAbort, { once: true });
    limitOutput(child, () =>
      stop(() => resolve({ kind: 'refused', reason: 'it printed too much' })),
    );
    function settle() {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  });
}

/** Runs `start`, which must create exactly one process before it returns, and returns that process. */
function captureChild(start: () => void): ChildProcess | undefined {
  let child: ChildProcess | undefined;
  const onCreated = (message: unknown) => {
    child = (message as { process: ChildProcess }).process;
  };
  subscribe('child_process', onCreated);
  try {
    start();
  } finally {
    unsubscribe('child_process', onCreated);
  }
  return child;
}

function limitOutput(child: ChildProcess | undefined, onExceeded: () => void): void {
  let printedBytes = 0;
  const count = (chunk: Buffer) => {
    printedBytes += chunk.length;
    if (printedBytes > MAX_OUTPUT_BYTES) {
      onExceeded();
    }
  };
  child?.stdout?.on('data', count);
  child?.stderr?.on('data', count);
}

function killGroup(child: ChildProcess | undefined): void {
  if (child?.pid === undefined) {
    return;
  }
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The group does not exist: there is no launcher, or it was just starting.
    child.kill('SIGKILL');
  }
  child.stdout?.destroy();
  child.stderr?.destroy();
}

function describeFailure(
  error: unknown,
  child: ChildProcess | undefined,
  filePath: string,
): FfprobeRun {
  if (child === undefined || child.pid === undefined || NOT_STARTED.includes(child.exitCode ?? 0)) {
    return { kind: 'unavailable', reason: lastLine(error, filePath) };
  }
  return child.signalCode === null
    ? { kind: 'refused', reason: lastLine(error, filePath) }
    : { kind: 'crashed', signal: child.signalCode };
}

/** ffprobe's last message, without our file name; at most 200 characters. */
function lastLine(error: unknown, filePath: string): string {
  const text = error instanceof Error ? error.message : String(error);
  const line = text.trimEnd().split('\n').at(-1) ?? '';
  return line
    .replaceAll(filePath, '')
    .replace(/\p{C}/gu, ' ')
    .replace(/^[\s:]+/, '')
    .slice(0, 200);
}
