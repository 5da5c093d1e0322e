import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { serveVideos } from './serve-videos.ts';

export interface OutsideWorldOptions {
  apiKey: string;
  latencyMs: number;
  concurrency: number;
  /** How long the first request for a video takes. */
  fetchMs: number;
  /** How many different videos. */
  videos: number;
}

/**
 * The practice API and a server of videos in a separate process, so that they share no event loop with the measured
 * program.
 */
export interface OutsideWorld extends Disposable {
  pid: number;
  apiBaseUrl: string;
  videoOrigin: string;
  progress(): Promise<Progress>;
}

/** What the API has seen of all calls so far. */
export interface Progress {
  opened: number;
  firstMs: number;
  lastMs: number;
  /** Set if a call opened no session: the figures would then measure something else. */
  odd: string | null;
}

interface Addresses {
  apiBaseUrl: string;
  videoOrigin: string;
}

export async function startOutsideWorld(options: OutsideWorldOptions): Promise<OutsideWorld> {
  const child = fork(fileURLToPath(import.meta.url), ['serve', JSON.stringify(options)]);
  const addresses = await nextMessage<Addresses>(child);
  return {
    pid: child.pid ?? 0,
    ...addresses,
    progress: async () => {
      child.send('progress');
      return await nextMessage<Progress>(child);
    },
    [Symbol.dispose]: () => void child.kill(),
  };
}

async function nextMessage<Message>(child: ChildProcess): Promise<Message> {
  const [message] = (await once(child, 'message')) as [Message];
  return message;
}

async function serve(options: OutsideWorldOptions): Promise<void> {
  const videos = await serveVideos(options.fetchMs, options.videos);
  const sandbox = await startSandbox({
    port: 0,
    apiKey: options.apiKey,
    validate: false,
    latencyMs: options.latencyMs,
    concurrencyLimit: options.concurrency,
  });
  process.on('message', () => {
    const { calls, sessionsOpened } = sandbox.ledger();
    const odd = calls.find(({ endedAtMs, result }) => endedAtMs !== null && result !== 'opened');
    const progress: Progress = {
      opened: sessionsOpened,
      firstMs: calls[0]?.arrivedAtMs ?? 0,
      lastMs: Math.max(0, ...calls.map(({ endedAtMs }) => endedAtMs ?? 0)),
      odd: odd === undefined ? null : `call ${odd.call} was ${odd.result} with ${odd.code}`,
    };
    process.send?.(progress);
  });
  const addresses: Addresses = { apiBaseUrl: sandbox.apiBaseUrl, videoOrigin: videos.origin };
  process.send?.(addresses);
}

if (process.argv[2] === 'serve') {
  const options: OutsideWorldOptions = JSON.parse(process.argv[3] ?? '');
  await serve(options);
}
