import { type FileHandle, open } from 'node:fs/promises';
import { ByteCollector } from '../byte-collector.ts';
import { peek } from '../http/peek.ts';
import type { MemoryShare } from '../memory-budget.ts';
import { ReadError } from '../read-error.ts';
import { MAX_BOX_HEADER_SIZE } from './boxes.ts';
import { FragmentCollector } from './fragments.ts';
import { type Header, MAX_FTYP_BYTES, MAX_MOOV_BYTES, tooLarge } from './locate-moov.ts';
import { checkBoxCount, readMoov } from './moov.ts';
import { type Sniffed, sniff } from './sniff.ts';
import { type Piece, splitAtBoxes } from './split-at-boxes.ts';

/** ffprobe reads at most 5 MB of media data to identify a codec; the file omits the rest. */
const KEPT_MEDIA_BYTES = 6 * 1024 * 1024;
/** First bytes of the file, which show its type and may contain the first frame. */
const HEAD_BYTES = 16 * 1024;
/** Limit for all boxes other than media data together, to protect the disk. */
const MAX_KEPT_BYTES = 128 * 1024 * 1024;

export interface SpoolOptions {
  /** Where to write; the file must not exist. */
  path: string;
  /** Most bytes to read, decoded. */
  maxBytes: number;
  /** Stop as soon as `moov` is there and describes every sample by itself. */
  isMoovEnough: boolean;
  /** Called when media data comes before `moov`. */
  progress?: { isMediaFirst: boolean };
  /** Claimed before a large header is kept. */
  memory: MemoryShare;
}

export type Spooled =
  | ({ kind: 'moov' } & Header)
  | { kind: 'sniffed'; sniffed: Exclude<Sniffed, { kind: 'boxes' }> }
  /** A copy of the original with holes in place of most media data. `moov` is empty when there was none. */
  | {
      kind: 'file';
      ftyp: Buffer;
      moov: Buffer;
      /** See `FragmentCollector`. */
      moofs: Buffer[] | null;
      plainMoofs: Buffer[] | null;
      /** The first bytes of the file. */
      media: Header['media'];
      isFileCut: boolean;
    };

/** Reads a file from front to back into a sparse copy; only `moov` stays in memory. */
export async function spool(body: AsyncIterable<Buffer>, options: SpoolOptions): Promise<Spooled> {
  const { head, whole } = await peek(body, HEAD_BYTES);
  if (head.length === 0) {
    throw new ReadError('empty', 'the file is empty', { isRetryable: false });
  }
  const sniffed = sniff(head);
  if (sniffed.kind !== 'boxes') {
    await whole.return(undefined);
    return { kind: 'sniffed', sniffed };
  }
  await using file = await createSparseFile(options.path);
  const described = new FirstBoxes(options.memory);
  const fragments = new FragmentCollector();
  let isFileCut = false;
  for await (const piece of splitAtBoxes(limited(whole, options.maxBytes))) {
    await file.write(piece);
    described.add(piece);
    fragments.add(piece);
    note(piece, described, options);
    const end = piece.start + piece.bytes.length;
    isFileCut = Number.isFinite(piece.boxEnd) && end < piece.boxEnd;
    if (piece.type === 'moov' && end === piece.boxEnd && options.isMoovEnough) {
      const moov = described.bytesOf('moov');
      checkBoxCount(moov);
      if (!readMoov(moov).isFragmented) {
        const media = { start: 0, bytes: head };
        return { kind: 'moov', ftyp: described.bytesOf('ftyp'), moov, media, isFileCut };
      }
    }
  }
  const [ftyp, moov] = [described.bytesOf('ftyp'), described.bytesOf('moov')];
  checkBoxCount(moov);
  return {
    kind: 'file',
    ftyp,
    moov,
    moofs: fragments.moofs,
    plainMoofs: fragments.plainMoofs,
    media: { start: 0, bytes: head },
    isFileCut,
  };
}

function note({ type }: Piece, described: FirstBoxes, { progress }: SpoolOptions): void {
  if (progress !== undefined && type === 'mdat' && !described.has('moov')) {
    progress.isMediaFirst = true;
  }
}

async function* limited(body: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Buffer> {
  let takenBytes = 0;
  for await (const chunk of body) {
    takenBytes += chunk.length;
    if (takenBytes > maxBytes) {
      const message = `the file continues after ${Math.round(maxBytes / 1024 / 1024)} MB, the most that is read`;
      throw new ReadError('too_large', message, { isRetryable: false });
    }
    yield chunk;
  }
}

/** The boxes that are kept in memory, and the size limit of each. */
const KEPT_BOXES: ReadonlyMap<string, number> = new Map([
  ['ftyp', MAX_FTYP_BYTES],
  ['moov', MAX_MOOV_BYTES],
]);

/** Collects the bytes of the first box of each of these types. */
class FirstBoxes {
  readonly #found = new Map<string, { boxStart: number; collected: ByteCollector }>();
  readonly #memory: MemoryShare;

  constructor(memory: MemoryShare) {
    this.#memory = memory;
  }

  add({ type, boxStart, boxEnd, bytes, start }: Piece): void {
    const maxBytes = KEPT_BOXES.get(type);
    if (maxBytes === undefined) {
      return;
    }
    let first = this.#found.get(type);
    if (first === undefined) {
      this.#memory.claim(Math.min(boxEnd - boxStart, maxBytes));
      first = { boxStart, collected: new ByteCollector() };
      this.#found.set(type, first);
    }
    if (first.boxStart !== boxStart) {
      return;
    }
    if (start + bytes.length - boxStart > maxBytes) {
      throw tooLarge({ type }, maxBytes);
    }
    first.collected.append(bytes);
  }

  has(type: string): boolean {
    return this.#found.has(type);
  }

  bytesOf(type: string): Buffer {
    return this.#found.get(type)?.collected.bytes ?? Buffer.alloc(0);
  }
}

interface SparseFile extends AsyncDisposable {
  write(piece: Piece): Promise<void>;
}

/** Bytes that are collected before writing: a file of tiny boxes costs no more writes than any other. */
const WRITTEN_AT_ONCE_BYTES = 64 * 1024;

/** Writes parts in order, and adjacent ones together. */
class GatheredWrites {
  readonly #handle: FileHandle;
  #start = 0;
  #length = 0;
  #parts: Buffer[] = [];

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async write(start: number, bytes: Buffer): Promise<void> {
    if (bytes.length === 0) return;
    if (start !== this.#start + this.#length) await this.flush();
    if (this.#length === 0) this.#start = start;
    this.#parts.push(bytes);
    this.#length += bytes.length;
    if (this.#length >= WRITTEN_AT_ONCE_BYTES) await this.flush();
  }

  async flush(): Promise<void> {
    const parts = this.#parts;
    this.#parts = [];
    if (parts.length > 0) await this.#handle.write(Buffer.concat(parts), 0, null, this.#start);
    this.#start += this.#length;
    this.#length = 0;
  }
}

async function createSparseFile(path: string): Promise<SparseFile> {
  const handle = await open(path, 'wx', 0o600);
  const writes = new GatheredWrites(handle);
  let mediaBytes = 0;
  let otherBytes = 0;
  let size = 0;
  return {
    async write({ start, bytes, type, boxStart }) {
      const isMedia = type === 'mdat';
      // A box's header is always kept, so that the boxes after it are found.
      const headerLeft = Math.max(0, boxStart + MAX_BOX_HEADER_SIZE - start);
      const keep = isMedia ? Math.max(headerLeft, KEPT_MEDIA_BYTES - mediaBytes) : bytes.length;
      const kept = bytes.subarray(0, keep);
      await writes.write(start, kept);
      size = start + bytes.length;
      mediaBytes += isMedia ? kept.length : 0;
      otherBytes += isMedia ? 0 : kept.length;
      if (otherBytes > MAX_KEPT_BYTES) {
        throw new ReadError('too_large', 'the boxes that describe the video are too large', {
          isRetryable: false,
        });
      }
    },
    async [Symbol.asyncDispose]() {
      try {
        await writes.flush();
        await handle.truncate(size);
      } finally {
        await handle.close();
      }
    },
  };
}
