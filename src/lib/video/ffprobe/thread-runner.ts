import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { FfprobeOptions, FfprobeRun, RunFfprobe } from './ffprobe.ts';

export type ThreadRequest =
  | { kind: 'run'; id: number; filePath: string; options: FfprobeOptions }
  | { kind: 'abort'; id: number };

/** `run` is null when it was aborted. */
export interface ThreadReply {
  id: number;
  run: FfprobeRun | null;
}

type Settle = (run: FfprobeRun | null) => void;

/**
 * `runFfprobe` in its own thread, for processes that must not be blocked. Runs may overlap. The thread starts with
 * the first run: it takes 15 MB, and a worker may never see a video.
 */
export class FfprobeThread implements AsyncDisposable {
  #worker: Worker | null = null;
  readonly #waiting = new Map<number, Settle>();
  #lastId = 0;
  #hasEnded = false;

  readonly run: RunFfprobe = async (filePath, options, signal) => {
    signal.throwIfAborted();
    if (this.#hasEnded) return { kind: 'unavailable', reason: 'its thread has ended' };
    this.#worker ??= this.#start();
    const id = ++this.#lastId;
    // Settles at once: the thread may be stuck and unable to answer.
    const onAbort = (): void => {
      this.#post({ kind: 'abort', id });
      this.#waiting.get(id)?.(null);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const run = await new Promise<FfprobeRun | null>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#post({ kind: 'run', id, filePath, options });
    });
    this.#waiting.delete(id);
    signal.removeEventListener('abort', onAbort);
    signal.throwIfAborted();
    return run ?? { kind: 'unavailable', reason: 'it was stopped' };
  };

  #start(): Worker {
    const entry = `./thread${extname(import.meta.url)}`;
    const worker = new Worker(new URL(entry, import.meta.url));
    worker.on('message', ({ id, run }: ThreadReply) => this.#waiting.get(id)?.(run));
    worker.on('error', (error) => this.#end(error.message));
    worker.on('exit', () => this.#end('its thread has ended'));
    // The thread does not keep the process alive.
    worker.unref();
    return worker;
  }

  #post(request: ThreadRequest): void {
    this.#worker?.postMessage(request);
  }

  #end(reason: string): void {
    this.#hasEnded = true;
    for (const settle of this.#waiting.values()) settle({ kind: 'unavailable', reason });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#hasEnded = true;
    await this.#worker?.terminate();
  }
}
