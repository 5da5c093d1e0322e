import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Redis } from 'ioredis';

/** What clients sent under one name: a command, or a script of ours or of BullMQ. */
export interface Traced {
  name: string;
  count: number;
  /** The median of their times in the server, in µs: on a busy machine a few take a hundred times as long. */
  medianUs: number;
  isScript: boolean;
}

const MOST_ENTRIES = 1_000_000;
const SRC = join(import.meta.dirname, '..', '..', '..', 'src');

/**
 * Begins to record every command that clients send, with the time that the server needs for it. Recording costs the
 * server time itself, so the figures say how a row's time divides and not how long it is.
 */
export async function traceRedis(redis: Redis): Promise<{ end(): Promise<Traced[]> }> {
  const bullmq = await bullmqScripts();
  const digests = new Map(bullmq);
  const own = ownScripts();
  const listener = redis.duplicate();
  const monitor = await listener.monitor();
  monitor.on('monitor', (_time: string, [command, text = '']: string[], source: string) => {
    if (source === 'lua' || command?.toLowerCase() !== 'eval') return;
    // MONITOR writes line feeds as `\\n`, and each backslash twice.
    const lua = text.replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter));
    const script = own.find((one) => lua.endsWith(one.text));
    if (script) digests.set(createHash('sha1').update(lua).digest('hex'), script.name);
  });
  await redis.config('SET', 'slowlog-max-len', MOST_ENTRIES, 'slowlog-log-slower-than', 0);
  await redis.slowlog('RESET');
  return {
    end: async () => {
      await redis.config('SET', 'slowlog-log-slower-than', -1);
      const entries = (await redis.slowlog('GET', MOST_ENTRIES)) as SlowlogEntry[];
      monitor.disconnect();
      listener.disconnect();
      return sumUp(entries, digests);
    },
  };
}

type SlowlogEntry = [id: number, atS: number, durationUs: number, args: string[], client: string];

function sumUp(entries: SlowlogEntry[], digests: ReadonlyMap<string, string>): Traced[] {
  const timesOf = new Map<string, { isScript: boolean; times: number[] }>();
  for (const [, , durationUs, [command = '', first = ''], client] of entries) {
    // What a script calls is a part of the script. `EVAL` brings a script's text, once.
    if (client === '?:0' || /^eval$/i.test(command)) continue;
    const isScript = /^evalsha$/i.test(command);
    const name = isScript ? (digests.get(first) ?? 'unknown script') : command.toUpperCase();
    const { times } = timesOf.get(name) ?? { times: [] as number[] };
    timesOf.set(name, { isScript, times });
    times.push(durationUs);
  }
  const traced = [...timesOf].map(([name, { isScript, times }]) => ({
    name,
    isScript,
    count: times.length,
    medianUs: times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0,
  }));
  return traced.sort((a, b) => b.medianUs * b.count - a.medianUs * a.count);
}

/** Digest → name. */
async function bullmqScripts(): Promise<[string, string][]> {
  const main = createRequire(import.meta.url).resolve('bullmq');
  const folder = join(dirname(main), 'scripts');
  const files = readdirSync(folder).filter((file) => /-\d+\.js$/.test(file));
  const modules = await Promise.all(
    files.map((file) => import(pathToFileURL(join(folder, file)).href)),
  );
  return modules
    .flatMap((module) => Object.values(module.default ?? module))
    .filter((script): script is { name: string; content: string } => isScript(script))
    .map(({ name, content }) => [
      createHash('sha1').update(content).digest('hex'),
      `bullmq ${name}`,
    ]);
}

const isScript = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'content' in value;

/** Each script of ours ends with the text of its file. */
function ownScripts(): { name: string; text: string }[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.lua') && !file.includes('shared'))
    .map((file) => ({
      name: basename(file, '.lua'),
      text: readFileSync(join(SRC, file), 'utf8'),
    }));
}
