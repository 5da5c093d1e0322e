import { randomUUID } from 'node:crypto';
import { lstat, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UploadedFile } from './manifest-imports.ts';
import { type Received, receiveBody, receiveUpload, type WriteOptions } from './receive-upload.ts';

export interface Upload extends UploadedFile {
  id: string;
  sizeBytes: number;
  receivedAtMs: number;
}

/** The result of receiving a file. */
type Arrival =
  | Exclude<Received, { kind: 'received' }>
  /** `digest`: SHA-256 of the file, in hex. */
  | { kind: 'received'; upload: Upload; digest: string };

const PREFIX = 'kling-sessions-uploads-';
const KEPT_MS = 2 * 3_600_000;
/** The longest time that a file stays. If a running dashboard's folder is removed, it is recreated. */
const ABANDONED_MS = 24 * 3_600_000;
const MAX_KEPT = 20;
const SWEEP_EVERY_MS = 60_000;

/** Uploaded manifests between upload and import, in a folder that is deleted with the process. */
export class UploadStore implements AsyncDisposable {
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #now: () => number;
  readonly #uploads = new Map<string, Upload>();
  readonly #sweeping: NodeJS.Timeout;

  /** Also removes what killed dashboards have left in the same place. */
  static async open(maxBytes: number, now: () => number, place = tmpdir()): Promise<UploadStore> {
    await removeAbandoned(place, now());
    return new UploadStore(await mkdtemp(join(place, PREFIX)), maxBytes, now);
  }

  private constructor(folder: string, maxBytes: number, now: () => number) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    this.#now = now;
    // A file that cannot be removed is deleted with the folder.
    const sweep = (): void => void this.#sweep().catch(() => {});
    this.#sweeping = setInterval(sweep, SWEEP_EVERY_MS).unref();
  }

  get maxBytes(): number {
    return this.#maxBytes;
  }

  /** The one file of a form. */
  async receiveForm(
    incoming: IncomingMessage,
    isProof: (token: string) => boolean,
  ): Promise<Arrival> {
    return await this.#keep((where) => receiveUpload(incoming, { ...where, isProof }));
  }

  /** A body that is the file itself. */
  async receiveFile(incoming: IncomingMessage, fileName: string): Promise<Arrival> {
    return await this.#keep((where) => receiveBody(incoming, { ...where, fileName }));
  }

  async #keep(receive: (where: WriteOptions) => Promise<Received>): Promise<Arrival> {
    const id = randomUUID();
    const folder = join(this.#folder, id);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, 'manifest');
    const received = await receive({ path, maxBytes: this.#maxBytes }).catch(async (error) => {
      await rm(folder, { recursive: true, force: true });
      throw error;
    });
    if (received.kind !== 'received') {
      await rm(folder, { recursive: true, force: true });
      return received;
    }
    const { sizeBytes, digest } = received;
    const fileName = baseName(received.fileName);
    const upload = { id, path, fileName, sizeBytes, receivedAtMs: this.#now() };
    this.#uploads.set(id, upload);
    await this.#sweep();
    return { kind: 'received', upload, digest };
  }

  find(id: string): Upload | null {
    return this.#uploads.get(id) ?? null;
  }

  /** An import that is reading it continues: the file's bytes stay until it is closed. */
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

async function removeAbandoned(place: string, nowMs: number): Promise<void> {
  const names = (await readdir(place)).filter((name) => name.startsWith(PREFIX));
  for (const path of names.map((name) => join(place, name))) {
    const found = await lstat(path).catch(() => null);
    if (found === null || !found.isDirectory() || found.uid !== process.getuid?.()) continue;
    if (found.mtimeMs > nowMs - ABANDONED_MS) continue;
    await rm(path, { recursive: true, force: true });
  }
}

/** The message for a file that is too large. */
export function describeLimit({ maxBytes }: Pick<UploadStore, 'maxBytes'>): string {
  const megabytes = Math.floor(maxBytes / 1_048_576);
  return `The file is larger than ${megabytes} MiB. Compress it with gzip, raise DASHBOARD_UPLOAD_MAX_BYTES, or use \`kling-sessions import\`.`;
}

/** The message for a file that did not arrive as a whole. */
export const BROKEN = 'The upload was interrupted; try again.';

/** The message for a full disk. */
export const NO_ROOM =
  'There is no room for the file in the folder for temporary files (TMPDIR) where the dashboard runs. Make room there, or use `kling-sessions import`.';

/** Without the folders that some browsers send, and short enough for a page. */
const baseName = (fileName: string): string =>
  (fileName.split(/[/\\]/).at(-1) ?? '').slice(-120) || 'manifest';
