/**
 * Probes clips in a separate process, with the prober of one compiled tree, which may be an older one:
 * `tsx bench/lab/probe-runner.ts <compiled> <port> <kind> <clips> <concurrency>` prints a line of JSON.
 */
import { setMaxListeners } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseAllowHosts } from '../../src/lib/network/allow-hosts.ts';
import { findFfprobe } from '../../src/lib/video/ffprobe/find.ts';
import type { FfprobeThread } from '../../src/lib/video/ffprobe/thread-runner.ts';
import type { createProber } from '../../src/lib/video/http-prober.ts';
import { cpuTimeOf } from './cpu-time.ts';

export interface RunnerReport {
  seconds: number;
  /** Of this process and of its ended children. */
  cpuSeconds: number;
  peakMemoryMb: number;
}

const [compiled = '', port, kind, clips, concurrency] = process.argv.slice(2);
/** Probes before the measurement: they load the modules. */
const WARM_UP = 40;

const load = async (...paths: string[]) => {
  const path = paths.map((name) => join(compiled, 'lib', name)).find((name) => existsSync(name));
  return await import(pathToFileURL(path ?? '').href);
};
const prober: { createProber: typeof createProber } = await load('video/http-prober.js');
const threads: { FfprobeThread: typeof FfprobeThread } = await load(
  'video/ffprobe/thread-runner.js',
  'video/ffprobe-thread-runner.js',
);
const ffprobePath = findFfprobe({ givenPath: undefined, searchPath: '' })?.path ?? 'ffprobe';
const { signal } = new AbortController();
setMaxListeners(0, signal);

await using thread = new threads.FfprobeThread();
await using reader = await prober.createProber({
  ffprobePath,
  runFfprobe: thread.run,
  allowHosts: parseAllowHosts('127.0.0.1'),
});

await probeAll(-WARM_UP, 0);
const cpuBefore = cpuSeconds();
const startedAtMs = performance.now();
await probeAll(0, Number(clips));
const report: RunnerReport = {
  seconds: (performance.now() - startedAtMs) / 1000,
  cpuSeconds: cpuSeconds() - cpuBefore,
  peakMemoryMb: process.resourceUsage().maxRSS / 1024,
};
process.stdout.write(`${JSON.stringify(report)}\n`);

async function probeAll(from: number, to: number): Promise<void> {
  let next = from;
  const work = async () => {
    while (next < to) {
      const number = next;
      next += 1;
      const url = `http://127.0.0.1:${port}/${kind}/${number}.mp4`;
      const result = await reader.probe(url, { signal });
      if (result.kind !== 'video') throw new Error(`${url}: ${JSON.stringify(result)}`);
    }
  };
  await Promise.all(Array.from({ length: Number(concurrency) }, work));
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6 + (cpuTimeOf(process.pid)?.children ?? 0);
}
