import { open } from 'node:fs/promises';
import { peek } from '../http/peek.ts';
import { ReadError } from '../read-error.ts';
import { MAX_BOX_HEADER_SIZE } from './boxes.ts';
import { FragmentCollector } from './fragments.ts';
import { type Header, MAX_MOOV_BYTES } from './locate-moov.ts';
import { readMoov } from './moov.ts';
import { type Sniffed, sniff } from './sniff.ts';
import { type Piece, splitAtBoxes } from './split-at-boxes.ts';

/** ffprobe reads at most 5 MB of media data to know a codec; what lies behind is left out of the file. */
const KEPT_MEDIA_BYTES = 6 * 1024 * 1024;
/** First bytes of the file, to tell what it is and to see the first frame in. */
const HEAD_BYTES = 16 * 1024;
/** Boxes other than media data, together: a bound for the disk. */
const MAX_KEPT_BYTES = 2 * MAX_MOOV_BYTES;

export interface SpoolOptions {
  /** Where to write; the file must not exist. */
  path: string;
  /** Most bytes to take in, decoded. */
  maxBytes: number;
  /** Stop as soon as `moov` is there and describes every sample by itself. */
  isMoovEnough: boolean;
  /** Told when media data comes in front of `moov`. */
  progress?: { isMediaFirst: boolean };
}

export type Spooled =
  | ({ kind: 'moov' } & Header)
  | { kind: 'sniffed'; sniffed: Exclude<Sniffed, { kind: 'boxes' }> }
  /** The file is as the original, but for holes in place of most media data. `moov` is empty when there was none. */
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

/** Reads a file from front to back into a sparse copy; memory holds no more of it than `moov`. */
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
  const described = new FirstBoxes(['ftyp', 'moov']);
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
      if (!readMoov(moov).isFragmented) {
        const media = { start: 0, bytes: head };
        return { kind: 'moov', ftyp: described.bytesOf('ftyp'), moov, media, isFileCut };
      }
    }
  }
  const [ftyp, moov] = [described.bytesOf('ftyp'), described.bytesOf('moov')];
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
      const message = `the file goes on after ${Math.round(maxBytes / 1024 / 1024)} MB, the most that is read`;
      throw new ReadError('too_large', message, { isRetryable: false });
    }
    yield chunk;
  }
}

/** Collects the bytes of the first box of each given type. */
class FirstBoxes {
  readonly #found = new Map<string, { boxStart: number; parts: Buffer[] }>();
  readonly #types: readonly string[];

  constructor(types: readonly string[]) {
    this.#types = types;
  }

  add({ type, boxStart, bytes, start }: Piece): void {
    if (!this.#types.includes(type)) {
      return;
    }
    const first = this.#found.get(type) ?? { boxStart, parts: [] };
    this.#found.set(type, first);
    if (first.boxStart !== boxStart) {
      return;
    }
    if (start + bytes.length - boxStart > MAX_MOOV_BYTES) {
      const message = `the ${type} box is larger than ${MAX_MOOV_BYTES / 1024 / 1024} MB`;
      throw new ReadError('too_large', message, { isRetryable: false });
    }
    first.parts.push(bytes);
  }

  has(type: string): boolean {
    return this.#found.has(type);
  }

  bytesOf(type: string): Buffer {
    return Buffer.concat(this.#found.get(type)?.parts ?? []);
  }
}

interface SparseFile extends AsyncDisposable {
  write(piece: Piece): Promise<void>;
}

async function createSparseFile(path: string): Promise<SparseFile> {
  const handle = await open(path, 'wx', 0o600);
  let mediaBytes = 0;
  let otherBytes = 0;
  let size = 0;
  return {
    async write({ start, bytes, type, boxStart }) {
      const isMedia = type === 'mdat';
      // A box's header is always kept, so that the boxes behind it are found.
      const headerLeft = Math.max(0, boxStart + MAX_BOX_HEADER_SIZE - start);
      const keep = isMedia ? Math.max(headerLeft, KEPT_MEDIA_BYTES - mediaBytes) : bytes.length;
      const kept = bytes.subarray(0, keep);
      await handle.write(kept, 0, kept.length, start);
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
      await handle.truncate(size);
      await handle.close();
    },
  };
}
