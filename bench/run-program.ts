import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

const MAIN = join(import.meta.dirname, '..', 'dist', 'cli', 'main.js');

const usage = z.object({ maxRssBytes: z.number(), cpuS: z.number(), wallS: z.number() });

/** What one run of the program used; `wallS` counts from the start of the process. */
export type Usage = z.infer<typeof usage>;

/** Runs the built program to its end. @throws when it exits with another code than 0. */
export async function runProgram(
  args: string[],
  environment: Record<string, string>,
): Promise<Usage & { stdout: string }> {
  if (!existsSync(MAIN)) throw new Error('There is no dist; run `npm run build` first.');
  const child = spawn(
    process.execPath,
    ['--import', join(import.meta.dirname, 'report-usage.mjs'), MAIN, ...args],
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

export interface WorkerProcess extends AsyncDisposable {
  pid: number;
}

/** Starts a worker process; disposing ends it in order. */
export function startWorkerProcess(environment: Record<string, string>): WorkerProcess {
  const worker: ChildProcess = spawn(process.execPath, [MAIN, 'worker', '--log-level', 'warn'], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  // Without Redis a worker waits for ever, and it would go on taking time from the next measurement.
  const killAtExit = (): boolean => worker.kill('SIGKILL');
  process.once('exit', killAtExit);
  worker.once('exit', () => process.off('exit', killAtExit));
  return {
    pid: worker.pid ?? 0,
    [Symbol.asyncDispose]: async () => {
      if (worker.exitCode !== null || worker.signalCode !== null) return;
      worker.kill('SIGTERM');
      await once(worker, 'exit');
    },
  };
}
