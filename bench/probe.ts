/**
 * Compares, in one run and in alternation, on distinct small and large clips over loopback: the first release, built
 * from this repository's history; this build; the system's `ffprobe <url>`; and the packaged static `ffprobe <url>`.
 * Each runs with its own best concurrency. `npm run bench:probe -- --clips 500 --rounds 3`.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { findFfprobe } from '../src/lib/video/ffprobe/find.ts';
import { type ClipServer, startClipServer } from './lab/clip-server.ts';
import { cpuTimeOf } from './lab/cpu-time.ts';
import type { RunnerReport } from './lab/probe-runner.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
/** Release 0.1.0. */
const FIRST_RELEASE = '5b9f045';
const CONCURRENCIES = [2, 4, 8, 16];
/** Videos for finding a contender's best concurrency. */
const TRIAL_CLIPS = 60;
const MANY_AT_ONCE = 64;

interface Load {
  /** The file's number on the clip server. */
  kind: number;
  clips: number;
  concurrency: number;
}

interface Measured {
  seconds: number;
  cpuSeconds: number;
  peakMemoryMb: number | null;
}

interface Contender {
  name: string;
  measure: (server: ClipServer, load: Load, folder: string) => Promise<Measured>;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      clips: { type: 'string', default: '500' },
      rounds: { type: 'string', default: '3' },
    },
  });
  const folder = await mkdtemp(join(tmpdir(), 'kling-sessions-bench-'));
  try {
    const files = await makeClips(folder);
    const contenders = await findContenders(folder);
    using server = await startClipServer(files);
    for (const [kind, file] of files.entries()) {
      const { size } = await stat(file);
      const clips = Number(values.clips);
      console.log(`\n${clips} distinct clips of ${(size / 1000).toFixed(0)} KB`);
      await compare(contenders, {
        server,
        folder,
        kind,
        clips,
        rounds: Number(values.rounds),
        size,
      });
    }
    await reportMemory(contenders, server, folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Comparison {
  server: ClipServer;
  folder: string;
  kind: number;
  clips: number;
  rounds: number;
  size: number;
}

async function compare(contenders: Contender[], comparison: Comparison): Promise<void> {
  const { server, folder, kind, clips, rounds, size } = comparison;
  const best = new Map<string, number>();
  for (const contender of contenders) {
    best.set(contender.name, await bestConcurrency(contender, comparison));
  }
  const results = new Map<string, (Measured & { bytes: number })[]>();
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, measure } of contenders) {
      const load = { kind, clips, concurrency: best.get(name) ?? 1 };
      await server.takeCounts();
      const measured = await measure(server, load, folder);
      const { bytes } = await server.takeCounts();
      results.set(name, [...(results.get(name) ?? []), { ...measured, bytes }]);
    }
  }
  const ours = medianOf(results.get('this build') ?? []);
  for (const [name, measured] of results) {
    const { seconds, cpuSeconds, bytes } = medianOf(measured);
    const perClip = (value: number) => ((value * 1000) / clips).toFixed(2);
    const share = ((bytes / clips / size) * 100).toFixed(2);
    console.log(
      `${name.padEnd(24)} ${String(best.get(name)).padStart(2)} at once ` +
        `${(clips / seconds).toFixed(0).padStart(5)}/s ${perClip(seconds)} ms, ${perClip(cpuSeconds)} ms CPU, ` +
        `${share} % of the bytes; this build has ${(seconds / ours.seconds).toFixed(1)} × its throughput`,
    );
  }
}

async function bestConcurrency(contender: Contender, { server, folder, kind }: Comparison) {
  let best = { concurrency: 1, seconds: Number.POSITIVE_INFINITY };
  for (const concurrency of CONCURRENCIES) {
    const load = { kind, clips: TRIAL_CLIPS, concurrency };
    const { seconds } = await contender.measure(server, load, folder);
    if (seconds < best.seconds) best = { concurrency, seconds };
  }
  return best.concurrency;
}

/** The round with the median time. */
function medianOf<Round extends Measured>(rounds: Round[]): Round {
  const sorted = rounds.toSorted((one, other) => one.seconds - other.seconds);
  const median = sorted[Math.floor(sorted.length / 2)];
  if (median === undefined) throw new Error('nothing was measured');
  return median;
}

async function reportMemory(contenders: Contender[], server: ClipServer, folder: string) {
  const ours = contenders.find(({ name }) => name === 'this build');
  const load = { kind: 1, clips: MANY_AT_ONCE * 10, concurrency: MANY_AT_ONCE };
  const measured = await ours?.measure(server, load, folder);
  console.log(`\n${MANY_AT_ONCE} probes at once: ${measured?.peakMemoryMb?.toFixed(0)} MB at most`);
}

/** Two seconds of 720p in about 100 KB, and five with sound in about 3 MB; `moov` last, as encoders write them. */
async function makeClips(folder: string): Promise<string[]> {
  const ffmpeg: string = createRequire(import.meta.url)('@ffmpeg-installer/ffmpeg').path;
  const [small, large] = [join(folder, 'small.mp4'), join(folder, 'large.mp4')];
  const picture = (seconds: number) => [
    '-f',
    'lavfi',
    '-i',
    `testsrc2=s=1280x720:r=30:d=${seconds}`,
  ];
  const sound = (seconds: number) => ['-f', 'lavfi', '-i', `sine=d=${seconds}`];
  const codecs = ['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
  const rate = (bits: string) => ['-b:v', bits, '-maxrate', bits, '-bufsize', bits];
  await run(ffmpeg, [
    ...['-v', 'error', ...picture(2), ...sound(2), ...codecs, '-b:a', '48k'],
    ...[...rate('320k'), small],
  ]);
  await run(ffmpeg, [
    ...['-v', 'error', ...picture(5), ...sound(5), ...codecs],
    ...['-vf', 'noise=alls=8:allf=t', ...rate('4700k'), large],
  ]);
  return [small, large];
}

async function findContenders(folder: string): Promise<Contender[]> {
  const first = join(folder, 'first-release');
  const archive = join(folder, 'first-release.tar');
  await mkdir(first);
  await run('git', ['-C', root, 'archive', '-o', archive, FIRST_RELEASE]);
  await run('tar', ['-xf', archive, '-C', first]);
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  const stock = (name: string, path: string | undefined): Contender[] =>
    path === undefined ? [] : [{ name, measure: measureStock(path) }];
  return [
    { name: 'release 0.1.0', measure: measureProber(await compile(first, join(folder, 'first'))) },
    { name: 'this build', measure: measureProber(await compile(root, join(folder, 'ours'))) },
    ...stock('static ffprobe <url>', findFfprobe({ searchPath: '' })?.path),
    ...stock(
      'system ffprobe <url>',
      findFfprobe({ givenPath: '/usr/bin/ffprobe', searchPath: '' })?.path,
    ),
  ];
}

const COMPILING = ['--noEmit', 'false', '--noCheck'];

/** Like `npm run build` without the bundle, so that single modules can be loaded. */
async function compile(tree: string, target: string): Promise<string> {
  const tsc = join(root, 'node_modules/.bin/tsc');
  await run(tsc, [
    '-p',
    join(tree, 'tsconfig.build.json'),
    '--outDir',
    target,
    '--rootDir',
    join(tree, 'src'),
    ...COMPILING,
  ]);
  return target;
}

const measureProber =
  (compiled: string): Contender['measure'] =>
  async ({ port }, { kind, clips, concurrency }) => {
    const runner = join(import.meta.dirname, 'lab/probe-runner.ts');
    const numbers = [port, kind, clips, concurrency].map(String);
    const { stdout } = await run(process.execPath, [
      '--import',
      'tsx',
      runner,
      compiled,
      ...numbers,
    ]);
    return JSON.parse(stdout) as RunnerReport;
  };

/** Uses `xargs`, which costs almost nothing itself. */
const measureStock =
  (ffprobePath: string): Contender['measure'] =>
  async ({ port }, { kind, clips, concurrency }, folder) => {
    const list = join(folder, 'urls.txt');
    const urls = Array.from(
      { length: clips },
      (_, number) => `http://127.0.0.1:${port}/${kind}/${number}.mp4`,
    );
    await writeFile(list, urls.join('\n'));
    const cpuBefore = cpuTimeOf(process.pid)?.children ?? 0;
    const startedAtMs = performance.now();
    const program = [ffprobePath, '-v', 'error', '-show_streams', '-show_format'];
    const args = ['-a', list, '-n', '1', '-P', String(concurrency), ...program];
    const [code] = await once(
      spawn('xargs', args, { stdio: ['ignore', 'ignore', 'inherit'] }),
      'exit',
    );
    if (code !== 0) throw new Error(`xargs ended with ${code}`);
    const seconds = (performance.now() - startedAtMs) / 1000;
    const cpuSeconds = (cpuTimeOf(process.pid)?.children ?? 0) - cpuBefore;
    return { seconds, cpuSeconds, peakMemoryMb: null };
  };

await main();
