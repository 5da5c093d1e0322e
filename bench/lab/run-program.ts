import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

const DIST = join(import.meta.dirname, '..', '..', 'dist');
const mainOf = (dist: string): string => join(dist, 'cli', 'main.js');

const usage = z.object({ maxRssBytes: z.number(), cpuS: z.number(), wallS: z.number() });

/** What one run of the program used; `wallS` counts from the start of the process. */
export type Usage = z.infer<typeof usage>;

/** Runs the program built in `dist` to its end. @throws Error if it exits with another code than 0. */
export async function runProgram(
  args: string[],
  environment: Record<string, string>,
  dist = DIST,
): Promise<Usage & { stdout: string }> {
  const main = mainOf(dist);
  if (!existsSync(main)) throw new Error(`There is no ${main}; run \`npm run build\` first.`);
  const child = spawn(
    process.execPath,
    ['--import', join(import.meta.dirname, 'report-usage.mjs'), main, ...args],
    {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    },
  );
  const [stdout, stderr, report, [code]] = await Promise.all([
    text(child.stdout as Readable),
    text(child.stderr as Readable),
    text(child.stdio[3] as Readable),
    once(child, 'exit'),
  ]);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}:\n${stderr}`);
  return { stdout, ...usage.parse(JSON.parse(report)) };
}

/** The peak memory of a living process so far, in MB. Linux only. */
export function memoryPeakOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1_024);
}

export interface RunningProgram extends AsyncDisposable {
  pid: number;
}

/** Disposing stops it in order. */
export const startWorkerProcess = (
  environment: Record<string, string>,
  dist = DIST,
): RunningProgram =>
  keep(startNode([mainOf(dist), 'worker', '--log-level', 'warn'], environment, 'inherit'));

/** The worker from its source, with a profile of its CPU time in `folder` when it has ended. */
export const startSourceWorker = (
  environment: Record<string, string>,
  folder: string,
): RunningProgram => {
  const flags = ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--import', 'tsx'];
  const main = join(DIST, '..', 'src', 'cli', 'main.ts');
  return keep(startNode([...flags, main, 'worker', '--log-level', 'warn'], environment, 'inherit'));
};

/** `plain-worker.ts` with these arguments. */
export const startPlainWorker = (
  args: string[],
  environment: Record<string, string>,
): RunningProgram => {
  const script = join(import.meta.dirname, 'rows', 'plain-worker.ts');
  return keep(startNode(['--import', 'tsx', script, ...args], environment, 'inherit'));
};

/** Resolves once the program answers. Disposing stops it in order. */
export async function startDashboardProcess(
  environment: Record<string, string>,
): Promise<RunningProgram & { url: string }> {
  const settings = { ...environment, DASHBOARD_PORT: '0', LOG_LEVEL: 'warn' };
  const child = startNode([mainOf(DIST), 'dashboard'], settings, 'pipe');
  const [url] = (await once(createInterface(child.stdout as Readable), 'line')) as [string];
  return { ...keep(child), url };
}

const startNode = (
  args: string[],
  environment: Record<string, string>,
  stdout: 'inherit' | 'pipe',
): ChildProcess =>
  spawn(process.execPath, args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', stdout, 'inherit'],
  });

const running = new Set<ChildProcess>();

// Without Redis a worker waits for ever and would take CPU from the next measurement.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

function keep(child: ChildProcess): RunningProgram {
  running.add(child);
  child.once('exit', () => running.delete(child));
  return {
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
