import type { IncomingHttpHeaders } from 'node:http';
import { type Duplex, pipeline, Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { ByteCollector } from '../byte-collector.ts';
import type { MemoryShare } from '../memory-budget.ts';
import type { NeededBytes, ReadStretch, Stretch } from '../mp4/locate-moov.ts';
import { ReadError } from '../read-error.ts';
import type { Answer, HttpGetter, Traffic } from './getter.ts';
import { failureOfStatus } from './status-failure.ts';
import { translateTransportError } from './transport-failure.ts';

/** A connection brings its bytes in chunks of this size at most; the last one may reach beyond what is needed. */
const ONE_CHUNK_BYTES = 64 * 1024;

export interface HttpFileOptions {
  getter: HttpGetter;
  url: URL;
  signal: AbortSignal;
  traffic: Traffic;
  /** Claimed before a large header is read. */
  memory: MemoryShare;
}

/** Says that a server cannot be relied on for ranges; `body` is the whole file when it sent that instead. */
export class RangesUnusable extends Error {
  override readonly name = 'RangesUnusable';
  readonly body: AsyncIterable<Buffer> | null;

  constructor(body: AsyncIterable<Buffer> | null) {
    super('the server does not serve ranges');
    this.body = body;
  }
}

/**
 * Reads stretches of a file by range requests. Redirects are followed once, for the first; the others go
 * where they led. Throws `ReadError`, or `RangesUnusable` when an answer is not what was asked for.
 */
export function rangeReader({
  getter,
  url,
  signal,
  traffic,
  memory,
}: HttpFileOptions): ReadStretch {
  let target = url;
  return async (first, length) => {
    if (typeof length === 'number') memory.claim(length);
    const range = typeof length === 'number' ? { first, last: first + length - 1 } : { first };
    const answer = await getter.get({ url: target, range, signal, traffic });
    const hasMoved = target !== url;
    target = answer.url;
    if (answer.status === 206) {
      return readPartial(answer, first, length, memory);
    }
    return readUnexpected(answer, first, hasMoved);
  };
}

async function readPartial(
  answer: Answer,
  first: number,
  length: number | NeededBytes,
  memory: MemoryShare,
): Promise<Stretch> {
  const [, start, total] =
    /^bytes (\d+)-\d+\/(\d+|\*)$/i.exec(answer.headers['content-range']?.trim() ?? '') ?? [];
  if (Number(start) !== first || encodingOf(answer.headers) !== 'identity') {
    answer.close();
    throw new RangesUnusable(null);
  }
  const totalBytes = total === undefined || total === '*' ? null : Number(total);
  if (typeof length !== 'number') {
    return { bytes: await readNeeded(answer.body, length, memory), totalBytes };
  }
  const bytes = await readAtMost(answer.body, length);
  if (totalBytes !== null && bytes.length < Math.min(length, totalBytes - first)) {
    throw new RangesUnusable(null);
  }
  return { bytes, totalBytes };
}

/** Leaves an answer that goes on after what was asked for; one that ends by itself keeps its connection. */
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

async function readUnexpected(answer: Answer, first: number, hasMoved: boolean): Promise<null> {
  if (answer.status === 200) {
    if (first > 0) {
      answer.close();
    }
    throw new RangesUnusable(first === 0 ? decodedBody(answer) : null);
  }
  if (answer.status === 416) {
    answer.close();
    if (first === 0) {
      throw new RangesUnusable(null);
    }
    return null;
  }
  if (hasMoved) {
    // Where a redirect leads may be good for one request only.
    answer.close();
    throw new RangesUnusable(null);
  }
  throw await failureOfStatus(answer);
}

/** Opens the whole file, decoded. Throws `ReadError`. */
export async function openWhole(options: HttpFileOptions): Promise<AsyncIterable<Buffer>> {
  const { getter, url, signal, traffic } = options;
  const answer = await getter.get({ url, signal, traffic });
  if (answer.status !== 200) {
    throw await failureOfStatus(answer);
  }
  return decodedBody(answer);
}

function encodingOf(headers: IncomingHttpHeaders): string {
  return headers['content-encoding']?.trim().toLowerCase() || 'identity';
}

function decodedBody(answer: Answer): AsyncIterable<Buffer> {
  const encoding = encodingOf(answer.headers);
  if (encoding === 'identity') {
    return answer.body;
  }
  const decoder = decoderOf(encoding);
  if (decoder === null) {
    answer.close();
    const message = `the server encodes the file as "${encoding.slice(0, 40)}"`;
    throw new ReadError('bad_http', message, { isRetryable: false });
  }
  return decode(answer.body, decoder);
}

function decoderOf(encoding: string): Duplex | null {
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    default:
      return null;
  }
}

async function* decode(body: AsyncIterable<Buffer>, decoder: Duplex): AsyncGenerator<Buffer> {
  try {
    // The pipeline's errors come out of the decoder, which is read here.
    yield* pipeline(Readable.from(body), decoder, () => {}) as AsyncIterable<Buffer>;
  } catch (error) {
    throw translateTransportError(error);
  }
}
