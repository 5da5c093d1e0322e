import type { IncomingHttpHeaders } from 'node:http';
import { type Duplex, pipeline, Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { NeededBytes, ReadStretch, Stretch } from '../mp4/locate-moov.ts';
import { ReadError } from '../read-error.ts';
import type { Answer, HttpGetter, Traffic } from './getter.ts';
import { failureOfStatus } from './status-failure.ts';
import { translateTransportError } from './transport-failure.ts';

export interface HttpFileOptions {
  getter: HttpGetter;
  url: URL;
  signal: AbortSignal;
  traffic: Traffic;
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
export function rangeReader({ getter, url, signal, traffic }: HttpFileOptions): ReadStretch {
  let target = url;
  return async (first, length) => {
    const range = typeof length === 'number' ? { first, last: first + length - 1 } : { first };
    const answer = await getter.get({ url: target, range, signal, traffic });
    const hasMoved = target !== url;
    target = answer.url;
    if (answer.status === 206) {
      return readPartial(answer, first, length);
    }
    return readUnexpected(answer, first, hasMoved);
  };
}

async function readPartial(
  answer: Answer,
  first: number,
  length: number | NeededBytes,
): Promise<Stretch> {
  const [, start, total] =
    /^bytes (\d+)-\d+\/(\d+|\*)$/i.exec(answer.headers['content-range']?.trim() ?? '') ?? [];
  if (Number(start) !== first || encodingOf(answer.headers) !== 'identity') {
    answer.close();
    throw new RangesUnusable(null);
  }
  const totalBytes = total === undefined || total === '*' ? null : Number(total);
  if (typeof length !== 'number') {
    return { bytes: await readNeeded(answer.body, length), totalBytes };
  }
  const bytes = await readAtMost(answer.body, length);
  if (totalBytes !== null && bytes.length < Math.min(length, totalBytes - first)) {
    throw new RangesUnusable(null);
  }
  return { bytes, totalBytes };
}

/** Leaves an answer that goes on after what was asked for; one that ends by itself keeps its connection. */
async function readAtMost(body: AsyncIterable<Buffer>, length: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > length) {
      break;
    }
  }
  return Buffer.concat(chunks).subarray(0, length);
}

async function readNeeded(body: AsyncIterable<Buffer>, neededBytes: NeededBytes): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  let needed = 1;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= needed) {
      needed = neededBytes(Buffer.concat(chunks));
    }
    if (size >= needed) {
      break;
    }
  }
  return Buffer.concat(chunks);
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
