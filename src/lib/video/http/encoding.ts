import type { IncomingHttpHeaders } from 'node:http';
import { type Duplex, pipeline, Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { ReadError } from '../read-error.ts';
import type { Answer } from './getter.ts';
import { peek } from './peek.ts';
import { translateTransportError } from './transport-failure.ts';

/** Labels that change no byte: of uploads (`aws-chunked`), of text, or made up. */
const NO_ENCODINGS = new Set(['', 'identity', 'none', 'aws-chunked', 'binary', 'utf-8', 'utf8']);

/** What the label says was done to the body, in the order in which it was done. */
export function encodingsOf(headers: IncomingHttpHeaders): string[] {
  return (headers['content-encoding'] ?? '')
    .split(',')
    .map((encoding) => encoding.trim().toLowerCase())
    .filter((encoding) => !NO_ENCODINGS.has(encoding));
}

const FIRST_BOXES = new Set(['ftyp', 'styp', 'moov', 'mdat', 'free', 'skip', 'wide', 'pnot']);

/** Whether a body that may be compressed begins as an MP4 or MOV file does: then it is not. */
export function looksLikeBoxes(head: Buffer): boolean {
  return FIRST_BOXES.has(head.toString('latin1', 4, 8));
}

/** The body with its encodings undone. Where the label says compressed and the bytes are boxes, the bytes are believed. */
export async function decodedBody(answer: Answer): Promise<AsyncIterable<Buffer>> {
  const encodings = encodingsOf(answer.headers);
  if (encodings.length === 0) {
    return answer.body;
  }
  const { head, whole } = await peek(answer.body, 8);
  if (looksLikeBoxes(head)) {
    return whole;
  }
  const [encoding = '', ...others] = encodings;
  const decoder = others.length === 0 ? decoderOf(encoding) : null;
  if (decoder === null) {
    await whole.return(undefined);
    answer.close();
    const message = `the server encodes the file as "${encodings.join(', ').slice(0, 40)}"`;
    throw new ReadError('bad_http', message, { isRetryable: false });
  }
  return decode(whole, decoder);
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
