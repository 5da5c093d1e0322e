import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { type Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Busboy, type BusboyHeaders } from '@fastify/busboy';
import { codeOf, troubleOf } from '../../lib/network/connection-trouble.ts';

export interface WriteOptions {
  /** The destination of the file's bytes; nothing may exist there yet. */
  path: string;
  maxBytes: number;
}

export interface ReceiveOptions extends WriteOptions {
  /** Whether the form came from one of our own pages; its field `_csrf` comes before the file. */
  isProof: (token: string) => boolean;
}

export type Received =
  /** `digest`: SHA-256 of its bytes, in hex. */
  | { kind: 'received'; fileName: string; sizeBytes: number; digest: string }
  | { kind: 'no_proof' }
  | { kind: 'no_file' }
  | { kind: 'too_large' }
  /** The disk is full. */
  | { kind: 'no_room' }
  /** The browser disconnected, or sent something that is not a form. */
  | { kind: 'broken' };

/** Streams the one file of a form to disk. Rejects when the disk refuses it. */
export async function receiveUpload(
  incoming: IncomingMessage,
  options: ReceiveOptions,
): Promise<Received> {
  const form = openForm(incoming, options.maxBytes);
  if (form === null) return { kind: 'broken' };
  // Once the file cannot be written, nothing reads the rest, and the form would wait for ever.
  const stop = new AbortController();
  let isProven = false;
  let file: Promise<Received> | undefined;
  form.on('field', (name, value) => {
    if (name === '_csrf') isProven = options.isProof(value);
  });
  form.on('file', (_field, stream, fileName) => {
    if (isProven && file === undefined && fileName !== undefined && fileName !== '') {
      file = writeFile(stream, fileName, options.path);
      // It is awaited below, and may fail before that.
      file.then(
        ({ kind }) => kind === 'no_room' && stop.abort(),
        () => stop.abort(),
      );
    } else stream.resume();
  });
  try {
    await pipeline(incoming, form, { signal: stop.signal });
  } catch {
    const written = await file;
    const isKnown = written?.kind === 'too_large' || written?.kind === 'no_room';
    return isKnown ? written : { kind: 'broken' };
  }
  if (!isProven) return { kind: 'no_proof' };
  return (await file) ?? { kind: 'no_file' };
}

/** Streams a body that is the file itself to disk. Rejects when the disk refuses it. */
export async function receiveBody(
  incoming: IncomingMessage,
  { path, maxBytes, fileName }: WriteOptions & { fileName: string },
): Promise<Received> {
  const target = createWriteStream(path, { flags: 'wx', mode: 0o600 });
  const read = await readBody(incoming, maxBytes, target);
  if (read.kind !== 'read') return read;
  return read.sizeBytes === 0 ? { kind: 'no_file' } : { ...read, kind: 'received', fileName };
}

/** Reads a body that is a file and keeps nothing of it but its digest, in hex. */
export async function digestBody(
  incoming: IncomingMessage,
  maxBytes: number,
): Promise<{ kind: 'digested'; digest: string } | { kind: 'too_large' | 'no_room' | 'broken' }> {
  const nowhere = new Writable({ write: (_part, _encoding, done) => done() });
  const read = await readBody(incoming, maxBytes, nowhere);
  return read.kind === 'read' ? { kind: 'digested', digest: read.digest } : { kind: read.kind };
}

type ReadBody =
  | { kind: 'read'; sizeBytes: number; digest: string }
  | { kind: 'too_large' }
  | { kind: 'no_room' }
  | { kind: 'broken' };

async function readBody(
  incoming: IncomingMessage,
  maxBytes: number,
  target: Writable,
): Promise<ReadBody> {
  if (Number(incoming.headers['content-length'] ?? 0) > maxBytes) {
    target.destroy();
    return { kind: 'too_large' };
  }
  const seen = new Seen();
  try {
    await pipeline(incoming, upTo(maxBytes), seen.parts, target);
  } catch (error) {
    if (error instanceof TooLarge) return { kind: 'too_large' };
    if (isDiskFull(error)) return { kind: 'no_room' };
    if (troubleOf(error) === 'reset') return { kind: 'broken' };
    throw error;
  }
  return { kind: 'read', ...seen.end() };
}

const DISK_FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

const isDiskFull = (error: unknown): boolean => DISK_FULL.has(codeOf(error));

class TooLarge extends Error {}

/** The length and digest of what passes through. */
class Seen {
  readonly #hash = createHash('sha256');
  #sizeBytes = 0;

  readonly parts = async function* (this: Seen, source: AsyncIterable<Buffer>) {
    for await (const part of source) {
      this.#hash.update(part);
      this.#sizeBytes += part.length;
      yield part;
    }
  }.bind(this);

  /** Once, after the last part. */
  end(): { sizeBytes: number; digest: string } {
    return { sizeBytes: this.#sizeBytes, digest: this.#hash.digest('hex') };
  }
}

const upTo = (maxBytes: number) =>
  async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let bytes = 0;
    for await (const part of source) {
      bytes += part.length;
      if (bytes > maxBytes) throw new TooLarge();
      yield part;
    }
  };

function openForm(
  { headers }: IncomingMessage,
  maxBytes: number,
): InstanceType<typeof Busboy> | null {
  if (headers['content-type'] === undefined) return null;
  try {
    return new Busboy({
      headers: headers as BusboyHeaders,
      limits: { files: 1, fileSize: maxBytes, fields: 10, fieldSize: 1_000, parts: 12 },
    });
  } catch {
    return null;
  }
}

async function writeFile(
  stream: Readable & { truncated?: boolean; bytesRead?: number },
  fileName: string,
  path: string,
): Promise<Received> {
  const target = createWriteStream(path, { flags: 'wx', mode: 0o600 });
  const seen = new Seen();
  try {
    await pipeline(stream, seen.parts, target);
  } catch (error) {
    if (isDiskFull(error)) return { kind: 'no_room' };
    throw error;
  }
  if (stream.truncated) return { kind: 'too_large' };
  const file = seen.end();
  return file.sizeBytes === 0 ? { kind: 'no_file' } : { kind: 'received', fileName, ...file };
}
