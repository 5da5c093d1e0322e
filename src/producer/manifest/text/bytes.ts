import type { FileHandle } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip } from 'node:zlib';
import { ManifestError } from '../manifest-error.ts';
import { legacyDecoder } from './encoding.ts';

const READ_BYTES = 128 * 1024;

/**
 * A gzip that exceeds both limits is a bomb: 200 times its size and 64 MiB. (A million rows of a real manifest shrink
 * to a tenth; gzip itself can do 1 : 1032.)
 */
const MAX_INFLATE_RATIO = 200;
const MIN_BOMB_BYTES = 64 * 1024 * 1024;

const NOT_UTF8 = Buffer.from([0xff]);

/**
 * The file's bytes from its beginning, whatever was read through the handle before. With `reusesBuffer` each chunk is
 * valid only until the next one is requested.
 */
export async function* readBytes(
  handle: FileHandle,
  signal: AbortSignal,
  { reusesBuffer = false } = {},
): AsyncGenerator<Buffer> {
  let position = 0;
  const only = reusesBuffer ? Buffer.allocUnsafe(READ_BYTES) : null;
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead, buffer } = await handle.read(
      only ?? Buffer.allocUnsafe(READ_BYTES),
      0,
      READ_BYTES,
      position,
    );
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** `zip`: a workbook, for example; `ole`: one from before 2007, or one with a password. */
export type Container = 'none' | 'gzip' | 'zip' | 'ole' | 'parquet';

const SIGNATURES = [
  { container: 'gzip', bytes: Buffer.from('1f8b', 'hex') },
  { container: 'zip', bytes: Buffer.from('504b0304', 'hex') },
  { container: 'parquet', bytes: Buffer.from('PAR1') },
  { container: 'parquet', bytes: Buffer.from('PARE') },
  { container: 'ole', bytes: Buffer.from('d0cf11e0a1b11ae1', 'hex') },
] as const;

/** The container of a file that begins with `head`, whatever its name. */
export function containerOf(head: Buffer): Container {
  const found = SIGNATURES.find(({ bytes }) => head.subarray(0, bytes.length).equals(bytes));
  return found?.container ?? 'none';
}

/** @throws ManifestError `gzip_broken` for cut or damaged data, at the end at the latest; `gzip_bomb`. */
export async function* inflate(
  bytes: AsyncGenerator<Buffer>,
  file: { label: string; sizeBytes: number },
): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: READ_BYTES });
  // A failure of the source reaches the reader below, because pipeline also destroys the target.
  pipeline(Readable.from(bytes, { objectMode: false }), gunzip, () => {});
  const limitBytes = Math.max(MIN_BOMB_BYTES, file.sizeBytes * MAX_INFLATE_RATIO);
  let inflatedBytes = 0;
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      inflatedBytes += chunk.length;
      if (inflatedBytes > limitBytes) throw bomb(file.label);
      yield chunk;
    }
  } catch (error) {
    throw isZlibError(error) ? broken(file.label, error) : error;
  }
}

/**
 * UTF-8, UTF-16 LE or UTF-16 BE (detected by byte order mark, or by NUL bytes instead of ASCII) as UTF-8 without a
 * mark; other text in the encoding `legacy`, if given.
 */
export async function* toUtf8(
  bytes: AsyncGenerator<Buffer>,
  legacy: string | null = null,
): AsyncGenerator<Buffer> {
  const head = await bytes.next();
  if (head.done) return;
  const { encoding, markBytes } = detectEncoding(head.value);
  const text = prepend(head.value.subarray(markBytes), bytes);
  if (encoding !== 'utf-8') yield* transcode(text, encoding);
  else if (legacy !== null) yield* decodeLegacy(text, legacy);
  else yield* text;
}

async function* transcode(
  chunks: AsyncGenerator<Buffer>,
  encoding: 'utf-16le' | 'utf-16be',
): AsyncGenerator<Buffer> {
  const decoder = new StringDecoder('utf16le');
  let odd = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = Buffer.concat([odd, chunk]);
    const units = bytes.subarray(0, bytes.length - (bytes.length % 2));
    odd = Buffer.from(bytes.subarray(units.length));
    yield encodeUtf8(decoder.write(encoding === 'utf-16be' ? units.swap16() : units));
  }
  yield encodeUtf8(decoder.end());
  if (odd.length > 0) yield NOT_UTF8;
}

async function* decodeLegacy(
  chunks: AsyncGenerator<Buffer>,
  encoding: string,
): AsyncGenerator<Buffer> {
  const decoder = legacyDecoder(encoding);
  for await (const chunk of chunks) yield encodeUtf8(decoder.write(chunk));
  yield encodeUtf8(decoder.end());
}

/** The encoding of a text, from its first bytes, and the length of its byte order mark. */
export function detectEncoding(head: Buffer): {
  encoding: 'utf-8' | 'utf-16le' | 'utf-16be';
  markBytes: number;
} {
  const [a, b, c, d] = head;
  if (a === 0xef && b === 0xbb && c === 0xbf) return { encoding: 'utf-8', markBytes: 3 };
  if (a === 0xff && b === 0xfe) return { encoding: 'utf-16le', markBytes: 2 };
  if (a === 0xfe && b === 0xff) return { encoding: 'utf-16be', markBytes: 2 };
  if (a && b === 0 && c && d === 0) return { encoding: 'utf-16le', markBytes: 0 };
  if (a === 0 && b && c === 0 && d) return { encoding: 'utf-16be', markBytes: 0 };
  return { encoding: 'utf-8', markBytes: 0 };
}

/** Half a surrogate pair and undecodable bytes become a byte that UTF-8 never uses, so that their row is detected. */
function encodeUtf8(text: string): Buffer {
  const parts = text.split(/[\p{Surrogate}\ufffd]/u).map((part) => Buffer.from(part, 'utf8'));
  return Buffer.concat(parts.flatMap((part) => [NOT_UTF8, part]).slice(1));
}

async function* prepend(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}

function bomb(label: string): ManifestError {
  return new ManifestError(
    'gzip_bomb',
    `${label} inflates to more than ${MAX_INFLATE_RATIO} times its size, which no manifest does; check the file, or import it uncompressed.`,
  );
}

function broken(label: string, cause: Error): ManifestError {
  const how = cause.message.includes('unexpected end')
    ? 'is cut off'
    : `is damaged (${cause.message})`;
  return new ManifestError(
    'gzip_broken',
    `The gzip data of ${label} ${how}; copy or compress it again.`,
    {
      cause,
    },
  );
}

function isZlibError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}
