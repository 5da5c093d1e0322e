import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UploadedFile } from './manifest-desk.ts';
import { type Received, receiveUpload } from './receive-upload.ts';

export interface Upload extends UploadedFile {
  id: string;
  sizeBytes: number;
  receivedAtMs: number;
}

const KEPT_MS = 2 * 3_600_000;
const MAX_KEPT = 20;
const SWEEP_EVERY_MS = 60_000;

/** Uploaded manifests between their arrival and their import, in a folder that goes with the process. */
export class UploadStore implements AsyncDisposable {
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #now: () => number;
  readonly #uploads = new Map<string, Upload>();
  readonly #sweeping: NodeJS.Timeout;

  static async open(maxBytes: number, now: () => number): Promise<UploadStore> {
    return new UploadStore(await mkdtemp(join(tmpdir(), 'kling-sessions-uploads-')), maxBytes, now);
  }

  private constructor(folder: string, maxBytes: number, now: () => number) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    this.#now = now;
    this.#sweeping = setInterval(() => void this.#sweep(), SWEEP_EVERY_MS).unref();
  }

  get maxBytes(): number {
    return this.#maxBytes;
  }

  async receive(
    incoming: IncomingMessage,
    isProof: (token: string) => boolean,
  ): Promise<Exclude<Received, { kind: 'received' }> | { kind: 'received'; upload: Upload }> {
    const id = randomUUID();
    const folder = join(this.#folder, id);
    await mkdir(folder);
    const path = join(folder, 'manifest');
    const received = await receiveUpload(incoming, {
      path,
      maxBytes: this.#maxBytes,
      isProof,
    }).catch(async (error) => {
      await rm(folder, { recursive: true, force: true });
      throw error;
    });
    if (received.kind !== 'received') {
      await rm(folder, { recursive: true, force: true });
      return received;
    }
    const upload = {
      id,
      path,
      fileName: baseName(received.fileName),
      sizeBytes: received.sizeBytes,
      receivedAtMs: this.#now(),
    };
    this.#uploads.set(id, upload);
    await this.#sweep();
    return { kind: 'received', upload };
  }

  find(id: string): Upload | null {
    return this.#uploads.get(id) ?? null;
  }

  /** An import that reads it goes on: the file's bytes stay until it is closed. */
  async discard(id: string): Promise<void> {
    if (!this.#uploads.delete(id)) return;
    await rm(join(this.#folder, id), { recursive: true, force: true });
  }

  async #sweep(): Promise<void> {
    const surplus = this.#uploads.size - MAX_KEPT;
    const old = [...this.#uploads.values()].filter(
      ({ receivedAtMs }, index) => index < surplus || receivedAtMs < this.#now() - KEPT_MS,
    );
    for (const { id } of old) await this.discard(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#sweeping);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Without the folders that some browsers tell, and short enough for a page. */
const baseName = (fileName: string): string =>
  (fileName.split(/[/\\]/).at(-1) ?? '').slice(-120) || 'manifest';
