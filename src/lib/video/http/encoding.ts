import type { IncomingHttpHeaders } from 'node:http';
import { type Duplex, pipeline, Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { ReadError } from '../read-error.ts';
import type { Answer } from './getter.ts';
import { peek } from './peek.ts';
import { translateTransportError } from './transport-failure.ts';

/** Labels that change no bytes: of uploads (`aws-chunked`), of text, or invented. */
const NO_ENCODINGS = new Set(['', 'identity', 'none', 'aws-chunked', 'binary', 'utf-8', 'utf8']);

/** The encodings in the label, in the order in which they were applied. */
export function encodingsOf(headers: IncomingHttpHeaders): string[] {
  return (headers['content-encoding'] ?? '')
    .split(',')
    .map((encoding) => encoding.trim().toLowerCase())
    .filter((encoding) => !NO_ENCODINGS.has(encoding));
}

const FIRST_BOXES = new Set(['ftyp', 'styp', 'moov', 'mdat', 'free', 'skip', 'wide', 'pnot']);

/** Whether a body labelled as compressed begins like an MP4 or MOV file; then it is not compressed. */
export function looksLikeBoxes(head: Buffer): boolean {
  return FIRST_BOXES.has(head.toString('latin1', 4, 8));
}

/** The decoded body. If the label says compressed but the bytes are boxes, the bytes decide. */
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
