import { randomUUID } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import {
  access,
  type FileHandle,
  open,
  readlink,
  realpath,
  rename,
  stat,
  unlink,
} from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { promisify } from 'node:util';
import { ReportError } from './report-error.ts';
import type { LineFormatter, ReportFormatter, ReportLine } from './report-formatter.ts';

const WRITE_BYTES = 256 * 1024;

/**
 * Writes a report to a path or a stream and returns the number of its rows. Entries may come in pieces of any size;
 * memory stays constant. A file is written beside its final place and moved there when it is complete and on disk, so
 * that a partial report is never visible. Anything that is not a regular file (a device, a pipe) is written to
 * directly. A stream is not ended.
 * @throws ReportError; whatever `entries` throws.
 */
export async function writeReport(
  formatter: ReportFormatter,
  entries: AsyncIterable<readonly ReportLine[]>,
  destination: string | Writable,
  encode: EncodeText = Buffer.from,
): Promise<number> {
  const pieces = (counted: AsyncIterable<readonly ReportLine[]>): AsyncIterable<Buffer> =>
    'encode' in formatter ? formatter.encode(counted) : formatLines(formatter, counted, encode);
  if (typeof destination !== 'string') return writeStream(destination, pieces, entries);
  const fail = failureOf(destination);
  const place = await findPlace(destination).catch(fail);
  const write = (handle: FileHandle): Promise<number> =>
    writePieces(pieces, entries, (bytes) => handle.writeFile(bytes).catch(fail));
  return place.isReplaceable ? replaceFile(place.path, write, fail) : writeInto(place, write, fail);
}

/**
 * Checks whether a report could be written there, without leaving a trace. Only writing shows whether there is enough
 * room.
 * @throws ReportError, like `writeReport`.
 */
export async function checkDestination(path: string): Promise<void> {
  const fail = failureOf(path);
  const place = await findPlace(path).catch(fail);
  if (place.isDirectory) fail(Object.assign(new Error('a directory'), { code: 'EISDIR' }));
  const written = place.isReplaceable ? dirname(place.path) : place.path;
  await access(written, constants.W_OK).catch(fail);
}

/** Turns the lines of a report into bytes; UTF-8 by default. */
export type EncodeText = (text: string) => Buffer;
type PiecesOf = (entries: AsyncIterable<readonly ReportLine[]>) => AsyncIterable<Buffer>;
type Write = (bytes: Buffer) => Promise<void>;
type Fail = (error: NodeJS.ErrnoException) => never;

async function writePieces(
  piecesOf: PiecesOf,
  entries: AsyncIterable<readonly ReportLine[]>,
  write: Write,
): Promise<number> {
  let rows = 0;
  const count = (batch: number): void => {
    rows += batch;
  };
  const counted = countRows(entries, count);
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  for await (const bytes of piecesOf(counted)) {
    pending.push(bytes);
    pendingBytes += bytes.length;
    if (pendingBytes >= WRITE_BYTES) {
      await write(Buffer.concat(pending));
      pending = [];
      pendingBytes = 0;
    }
  }
  await write(Buffer.concat(pending));
  return rows;
}

async function* countRows(
  entries: AsyncIterable<readonly ReportLine[]>,
  count: (rows: number) => void,
): AsyncGenerator<readonly ReportLine[]> {
  for await (const batch of entries) {
    count(batch.filter((line) => !('missing' in line)).length);
    yield batch;
  }
}

async function* formatLines(
  formatter: LineFormatter,
  entries: AsyncIterable<readonly ReportLine[]>,
  encode: EncodeText,
): AsyncGenerator<Buffer> {
  yield encode(formatter.header ?? '');
  for await (const batch of entries) yield formatBatch(formatter, batch, encode);
}

function formatBatch(
  formatter: LineFormatter,
  batch: readonly ReportLine[],
  encode: EncodeText,
): Buffer {
  const parts: Buffer[] = [];
  let text = '';
  for (const entry of batch) {
    const line = formatter.line(entry);
    if (typeof line === 'string') {
      text += line;
    } else {
      parts.push(encode(text), line);
      text = '';
    }
  }
  return Buffer.concat([...parts, encode(text)]);
}

async function writeStream(
  stream: Writable,
  pieces: PiecesOf,
  entries: AsyncIterable<readonly ReportLine[]>,
): Promise<number> {
  const fail = failureOf('the output');
  // The callback of `write` reports a failure; without a listener, the event would also end the process.
  const ignore = (): void => {};
  stream.on('error', ignore);
  const write = promisify(stream.write.bind(stream) as StreamWrite);
  const rows = await writePieces(pieces, entries, (bytes) => write(bytes).catch(fail));
  stream.off('error', ignore);
  return rows;
}

type StreamWrite = (bytes: Buffer, done: (error?: Error | null) => void) => void;

interface Place {
  path: string;
  /** Whether a new file may replace it. */
  isReplaceable: boolean;
  isDirectory: boolean;
  /** How to open it if not. */
  flag: 'w' | 'a';
}

/** A long chain of links leads nowhere. */
const MAX_LINKS = 40;

async function findPlace(path: string): Promise<Place> {
  if (await isSystemPath(path)) return await findSystemPlace(path);
  try {
    const target = await realpath(path);
    const stats = await stat(target);
    const isDirectory = stats.isDirectory();
    return { path: target, isReplaceable: !isSpecial(stats), isDirectory, flag: 'w' };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { path, isReplaceable: true, isDirectory: false, flag: 'w' };
  }
}

/**
 * Anything below /dev and /proc is written to directly. `/dev/stdout` may be a file that a shell has opened; its
 * content is kept.
 */
async function findSystemPlace(path: string): Promise<Place> {
  const stats = await stat(path);
  const isDirectory = stats.isDirectory();
  return { path, isReplaceable: false, isDirectory, flag: stats.isFile() ? 'a' : 'w' };
}

/** Whether a path, or the target of a link, is below /dev or /proc; /dev/shm is an ordinary folder. */
async function isSystemPath(path: string): Promise<boolean> {
  let at = path;
  for (let link = 0; link < MAX_LINKS; link += 1) {
    const folder = await realpath(dirname(at)).catch(() => dirname(resolve(at)));
    const whole = join(folder, basename(at));
    if (/^\/(?:proc|dev(?!\/shm\/))\//.test(whole)) return true;
    const target = await readlink(whole).catch(() => null);
    if (target === null) return false;
    at = resolve(folder, target);
  }
  return false;
}

/** A directory counts as replaceable: moving a file onto it fails, which is intended. */
function isSpecial(stats: Stats): boolean {
  return !stats.isFile() && !stats.isDirectory();
}

async function replaceFile(
  path: string,
  write: (handle: FileHandle) => Promise<number>,
  fail: Fail,
): Promise<number> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  const handle = await open(temporary, 'wx').catch(fail);
  try {
    const rows = await write(handle);
    await handle.sync().catch(fail);
    await handle.close().catch(fail);
    await rename(temporary, path).catch(fail);
    return rows;
  } catch (error) {
    await handle.close().catch(() => {});
    await unlink(temporary).catch(() => {});
    throw error;
  }
}

async function writeInto(
  { path, flag }: Place,
  write: (handle: FileHandle) => Promise<number>,
  fail: Fail,
): Promise<number> {
  const handle = await open(path, flag).catch(fail);
  try {
    return await write(handle);
  } finally {
    await handle.close();
  }
}

function failureOf(destination: string): Fail {
  return (error) => {
    const code = error.code ?? 'unknown';
    throw new ReportError(
      code,
      `The report cannot be written to ${destination}: ${REASONS[code] ?? error.message}.`,
      { cause: error },
    );
  };
}

const REASONS: Record<string, string> = {
  EACCES: 'permission denied; choose another place with --out',
  EDQUOT: 'the disk quota is used up; make room, or choose another place with --out',
  EISDIR: 'it is a directory; name a file',
  ENOENT: 'its directory does not exist; create it, or choose another place with --out',
  ENOSPC: 'the disk is full; make room, or choose another place with --out',
  ENOTDIR: 'a part of its path is not a directory; choose another place with --out',
  EPERM: 'not permitted; choose another place with --out',
  EPIPE: 'the program that was reading it has stopped',
  EROFS: 'the file system is read-only; choose another place with --out',
};
