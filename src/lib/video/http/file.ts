import { ByteCollector } from '../byte-collector.ts';
import type { MemoryShare } from '../memory-budget.ts';
import type { NeededBytes, ReadStretch, Stretch } from '../mp4/locate-moov.ts';
import { ReadError } from '../read-error.ts';
import { decodedBody, encodingsOf, looksLikeBoxes } from './encoding.ts';
import type { ReadProgress } from './explain-timeout.ts';
import type { Answer, HttpGetter, Traffic } from './getter.ts';
import { failureOfStatus } from './status-failure.ts';

/** A connection delivers chunks of at most this size; the last one may exceed what is needed. */
const ONE_CHUNK_BYTES = 64 * 1024;

export interface HttpFileOptions {
  getter: HttpGetter;
  url: URL;
  signal: AbortSignal;
  traffic: Traffic;
  /** Claimed before a large header is read. */
  memory: MemoryShare;
  /** How far a reading from front to back got. */
  progress: ReadProgress;
}

/** A file from front to back, decoded. */
export interface WholeFile {
  body: AsyncIterable<Buffer>;
  /** As the server states it; null when it does not, or encodes the file. */
  totalBytes: number | null;
}

/** The server's ranges are unreliable; `whole` is the file if it sent that instead. */
export class RangesUnusable extends Error {
  override readonly name = 'RangesUnusable';
  readonly whole: WholeFile | null;

  constructor(whole: WholeFile | null) {
    super('the server does not serve ranges');
    this.whole = whole;
  }
}

/**
 * Reads parts of a file by range requests. Redirects are followed once, for the first request; the others go to the
 * same place. Throws `ReadError`, or `RangesUnusable` when an answer is not what was requested.
 */
export function rangeReader({
  getter,
  url,
  signal,
  traffic,
  memory,
}: HttpFileOptions): ReadStretch {
  let target = url;
  let isBoxes = false;
  let tag: string | undefined;
  const read = async (first: number, length: number | NeededBytes): Promise<Stretch | null> => {
    if (typeof length === 'number') memory.claim(length);
    const range = typeof length === 'number' ? { first, last: first + length - 1 } : { first };
    const answer = await getter.get({ url: target, range, signal, traffic });
    const hasMoved = target !== url;
    target = answer.url;
    if (answer.status !== 206) {
      return readUnexpected(answer, first, hasMoved);
    }
    // A cache of slices may hold parts of two versions of a file.
    tag ??= answer.headers.etag;
    if (answer.headers.etag !== tag) {
      answer.close();
      throw new RangesUnusable(null);
    }
    const stretch = await readPartial(answer, first, length, memory);
    isBoxes ||= first === 0 && looksLikeBoxes(stretch.bytes);
    if (encodingsOf(answer.headers).length > 0 && !isBoxes) {
      throw new RangesUnusable(null);
    }
    return stretch;
  };
  return (first, length) =>
    read(first, length).catch((error: unknown) => {
      throw isBrokenConnection(error) ? new RangesUnusable(null) : error;
    });
}

/** Some servers break the connection on a request for a range, but not on one for the whole file. */
const isBrokenConnection = (error: unknown): boolean =>
  error instanceof ReadError && error.failure.code === 'reset';

async function readPartial(
  answer: Answer,
  first: number,
  length: number | NeededBytes,
  memory: MemoryShare,
): Promise<Stretch> {
  const [, start, last, total] =
    /^bytes (\d+)-(\d+)\/(\d+|\*)$/i.exec(answer.headers['content-range']?.trim() ?? '') ?? [];
  if (Number(start) !== first) {
    answer.close();
    throw new RangesUnusable(null);
  }
  const totalBytes = total === undefined || total === '*' ? null : Number(total);
  const announcedBytes = Number(last) + 1 - first;
  const bytes =
    typeof length === 'number'
      ? await readAtMost(answer.body, length)
      : await readNeeded(answer.body, length, memory);
  const neededBytes = typeof length === 'number' ? length : length(bytes);
  // Without a total, only what this answer announced can be requested.
  const isThereBytes = totalBytes === null ? announcedBytes : totalBytes - first;
  if (bytes.length < Math.min(neededBytes, isThereBytes)) {
    throw new RangesUnusable(null);
  }
  return { bytes, totalBytes };
}

/** Closes an answer that continues beyond the request; one that ends by itself keeps its connection. */
async function readAtMost(body: AsyncIterable<Buffer>, length: number): Promise<Buffer> {
  const collected = new ByteCollector();
  collected.reserve(length);
  for await (const chunk of body) {
    const left = length - collected.length;
    collected.append(chunk.subarray(0, left));
    if (chunk.length > left) {
      break;
    }
  }
  return collected.bytes;
}

async function readNeeded(
  body: AsyncIterable<Buffer>,
  neededBytes: NeededBytes,
  memory: MemoryShare,
): Promise<Buffer> {
  const collected = new ByteCollector();
  let needed = 1;
  for await (const chunk of body) {
    collected.append(chunk);
    if (collected.length >= needed) {
      needed = neededBytes(collected.bytes);
      memory.claim(needed);
      collected.reserve(needed + ONE_CHUNK_BYTES);
    }
    if (collected.length >= needed) {
      break;
    }
  }
  return collected.bytes;
}

/**
 * Error answers that the range may have caused: a signature may cover a different range, or none.
 */
const RANGE_REFUSALS = new Set([400, 401, 403, 404, 405, 406, 412, 500, 501]);

async function readUnexpected(answer: Answer, first: number, hasMoved: boolean): Promise<null> {
  if (answer.status === 200) {
    if (first > 0) {
      answer.close();
    }
    throw new RangesUnusable(first === 0 ? await wholeOf(answer) : null);
  }
  if (answer.status === 416) {
    answer.close();
    if (first === 0) {
      throw new RangesUnusable(null);
    }
    return null;
  }
  const failure = await failureOfStatus(answer);
  // The target of a redirect may be valid for one request only.
  throw hasMoved || RANGE_REFUSALS.has(answer.status) ? new RangesUnusable(null) : failure;
}

/** Opens the whole file, decoded. Throws `ReadError`. */
export async function openWhole(options: HttpFileOptions): Promise<WholeFile> {
  const { getter, url, signal, traffic } = options;
  const answer = await getter.get({ url, signal, traffic });
  if (answer.status !== 200) {
    throw await failureOfStatus(answer);
  }
  return wholeOf(answer);
}

async function wholeOf(answer: Answer): Promise<WholeFile> {
  const isEncoded = encodingsOf(answer.headers).length > 0;
  const length = Number(answer.headers['content-length']);
  const totalBytes = isEncoded || !(length > 0) ? null : length;
  return { body: await decodedBody(answer), totalBytes };
}
