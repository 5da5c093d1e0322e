/**
 * Compares the prober with a pool of plain `ffprobe <url>` on the same clips, at the same concurrency, in the
 * same run, over loopback: `npm run bench:probe -- --clips 500 --concurrency 8`.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { parseAllowHosts } from '../src/lib/network/allow-hosts.ts';
import { findFfprobe } from '../src/lib/video/ffprobe/find.ts';
import { createProber } from '../src/lib/video/http-prober.ts';
import { type ClipServer, startClipServer } from './lab/clip-server.ts';

const run = promisify(execFile);
const GOALS = { throughput: 4, bytesShare: 0.05 };

interface Measured {
  name: string;
  seconds: number;
  bytes: number;
  requests: number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      clips: { type: 'string', default: '500' },
      concurrency: { type: 'string', default: '8' },
    },
  });
  const load = { clips: Number(values.clips), concurrency: Number(values.concurrency) };
  const folder = await mkdtemp(join(tmpdir(), 'kling-sessions-bench-'));
  try {
    const files = await makeClips(folder);
    using server = await startClipServer(files);
    const ours = await measureProber(server, load);
    report(ours, load.clips);
    for (const ffprobePath of stockFfprobes()) {
      const stock = await measure(`ffprobe <url> (${ffprobePath})`, server, load, (url) =>
        runStock(ffprobePath, url),
      );
      report(stock, load.clips);
      compare(ours, stock);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Five seconds of 720p with sound, as an encoder writes them (`moov` last) and as one prepares them for the web (first). */
async function makeClips(folder: string): Promise<string[]> {
  const ffmpeg: string = createRequire(import.meta.url)('@ffmpeg-installer/ffmpeg').path;
  const [last, first] = [join(folder, 'last.mp4'), join(folder, 'first.mp4')];
  const picture = [
    '-f',
    'lavfi',
    '-i',
    'testsrc2=s=1280x720:r=30:d=5',
    '-vf',
    'noise=alls=8:allf=t',
  ];
  const sound = ['-f', 'lavfi', '-i', 'sine=d=5'];
  const codecs = ['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
  const rate = ['-b:v', '5M', '-maxrate', '6M', '-bufsize', '6M'];
  await run(ffmpeg, [
    '-v',
    'error',
    ...picture.slice(0, 4),
    ...sound,
    ...picture.slice(4),
    ...codecs,
    ...rate,
    last,
  ]);
  await run(ffmpeg, ['-v', 'error', '-i', last, '-c', 'copy', '-movflags', '+faststart', first]);
  const { size } = await stat(last);
  console.log(`clips of ${(size / 1e6).toFixed(1)} MB, half with moov last, half with moov first`);
  return [last, first];
}

/** The prober's own ffprobe and, where there is one, the system's. */
function stockFfprobes(): string[] {
  const searchPath = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((entry) => !entry.includes('node_modules'))
    .join(delimiter);
  const system = searchPath
    .split(delimiter)
    .map((entry) => findFfprobe({ givenPath: join(entry, 'ffprobe'), searchPath: '' })?.path);
  const found = [ourFfprobe(), ...system].filter((path) => path !== undefined);
  return [...new Set(found)].slice(0, 2);
}

function ourFfprobe(): string {
  const found = findFfprobe({
    givenPath: process.env.FFPROBE_PATH,
    searchPath: process.env.PATH ?? '',
  });
  if (found === null) {
    throw new Error('no ffprobe found');
  }
  return found.path;
}

async function measureProber(server: ClipServer, load: Load): Promise<Measured> {
  await using prober = await createProber({
    ffprobePath: ourFfprobe(),
    allowHosts: parseAllowHosts('127.0.0.1'),
  });
  const { signal } = new AbortController();
  return await measure('this prober', server, load, async (url) => {
    const result = await prober.probe(url, { signal });
    if (result.kind !== 'video') {
      throw new Error(`a clip was not read: ${JSON.stringify(result)}`);
    }
  });
}

interface Load {
  clips: number;
  concurrency: number;
}

async function measure(
  name: string,
  server: ClipServer,
  { clips, concurrency }: Load,
  probe: (url: string) => Promise<void>,
): Promise<Measured> {
  await probe(`http://127.0.0.1:${server.port}/0.mp4`).catch(() => {});
  await server.takeCounts();
  const urls = Array.from(
    { length: clips },
    (_, index) => `http://127.0.0.1:${server.port}/${index}.mp4`,
  );
  const startedAtMs = performance.now();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (let url = urls.pop(); url !== undefined; url = urls.pop()) {
        await probe(url);
      }
    }),
  );
  const seconds = (performance.now() - startedAtMs) / 1000;
  return { name, seconds, ...(await server.takeCounts()) };
}

async function runStock(ffprobePath: string, url: string): Promise<void> {
  const args = ['-v', 'error', '-show_streams', '-show_format', url];
  const child = spawn(ffprobePath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) {
    throw new Error(`ffprobe ended with ${code}`);
  }
}

function report({ name, seconds, bytes, requests }: Measured, clips: number): void {
  const perSecond = (clips / seconds).toFixed(1);
  const each = `${(bytes / clips / 1024).toFixed(1)} KB and ${(requests / clips).toFixed(2)} requests each`;
  console.log(`${name}: ${clips} clips in ${seconds.toFixed(2)} s, ${perSecond}/s, ${each}`);
}

function compare(ours: Measured, stock: Measured): void {
  const throughput = stock.seconds / ours.seconds;
  const bytesShare = ours.bytes / stock.bytes;
  const isReached = throughput >= GOALS.throughput && bytesShare <= GOALS.bytesShare;
  console.log(
    `  ${throughput.toFixed(1)} times its throughput (goal ${GOALS.throughput}), ` +
      `${(bytesShare * 100).toFixed(1)} % of its bytes (goal ${GOALS.bytesShare * 100} %): ` +
      `${isReached ? 'reached' : 'missed'}`,
  );
}

await main();
