import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, stat, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { addAbortSignal, type Readable } from 'node:stream';
import { showValue } from '../../lib/core/manifest/show-value.ts';
import { isWebAddress } from '../../lib/core/web-address.ts';
import { withinDeadline } from '../../lib/network/deadline.ts';
import type { DownloadOptions } from './download.ts';
import { ManifestError } from './manifest-error.ts';

/** A manifest as a file that can be read from the start as often as needed. */
export interface ManifestFile {
  handle: FileHandle;
  /** Its name in messages: the path as given, that of the stream, or the URL without query and user-info. */
  label: string;
  /** Last part of its path or address; the name of a stream. */
  fileName: string;
  /** The same without the extensions of a manifest. */
  name: string;
}

/** What may be read if the person who names a manifest does not own the machine that reads it. */
export interface InputLimits {
  /** A path must lead to a regular file: a pipe or a device may never end. */
  isRegularFile: boolean;
  /** Most bytes to read from an address. */
  maxBytes: number;
  /** Longest total time for reading from an address, in ms. */
  timeoutMs: number;
}

/** A manifest as bytes. It is read to its end once, and destroyed if that is given up. */
export interface ManifestStream {
  stream: Readable;
  /** Its name in messages, such as `standard input` or a file name. */
  label: string;
  /** For the batch's id; default the label without the extensions of a manifest. */
  name?: string;
}

/** A path, an http(s) URL, or bytes. */
export type ManifestInput = string | ManifestStream;

interface OpenOptions extends DownloadOptions {
  fileName?: string;
  limits?: InputLimits;
  signal: AbortSignal;
}

/** For a person who waits for it and can stop it. */
const LONGEST_DOWNLOAD_MS = 3_600_000;

const KNOWN_EXTENSIONS =
  /(\.(csv|tsv|tab|txt|list|jsonl|ndjson|json|xlsx|xlsm|ods|fods|parquet|gz|gzip))+$/i;

/**
 * Opens a path, an http(s) URL or a stream. Anything but a regular file is first copied to a temporary file,
 * which loses its name once it is open, so nothing is left behind however the process ends. The caller closes the
 * handle.
 */
export async function openInput(input: ManifestInput, options: OpenOptions): Promise<ManifestFile> {
  if (typeof input !== 'string') {
    const { stream, label, name = manifestName(label) } = input;
    const handle = await spool(() => stream, label, options.signal);
    return { handle, label, fileName: label, name };
  }
  if (isWebAddress(input)) return download(input, options);
  return openPath(input, options);
}

async function openPath(
  path: string,
  { fileName = basename(path), limits, signal }: OpenOptions,
): Promise<ManifestFile> {
  const file = { label: path, fileName, name: manifestName(fileName) };
  const isRegularFile = limits?.isRegularFile ?? false;
  const handle = await openWithoutWaiting(path, isRegularFile).catch((error: unknown) => {
    throw error instanceof ManifestError ? error : cannotOpen(path, error as NodeJS.ErrnoException);
  });
  const stats = await handle.stat();
  if (stats.isFile()) return { handle, ...file };
  if (stats.isDirectory()) {
    await handle.close();
    throw new ManifestError(
      'is_directory',
      `${path} is a folder. If your table is in it, name the file; if your videos are, Kling fetches videos from http(s) addresses, so put them on a server or into a bucket, and have \`kling-sessions list ${path} --base-url https://…\` write the table.`,
    );
  }
  return { handle: await spool(() => handle.createReadStream(), path, signal), ...file };
}

/** Opening a named pipe waits for its other end, and nothing can interrupt that. */
async function openWithoutWaiting(path: string, isRegularFile: boolean): Promise<FileHandle> {
  if (!isRegularFile) return await open(path, 'r');
  const stats = await stat(path);
  if (!stats.isFile() && !stats.isDirectory()) throw notRegular(path);
  // The path may lead to another file by now.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const { isFile, isDirectory } = await kindOf(handle);
  if (isFile || isDirectory) return handle;
  await handle.close();
  throw notRegular(path);
}

async function kindOf(handle: FileHandle): Promise<{ isFile: boolean; isDirectory: boolean }> {
  const stats = await handle.stat();
  return { isFile: stats.isFile(), isDirectory: stats.isDirectory() };
}

const notRegular = (path: string): ManifestError =>
  new ManifestError(
    'unreadable',
    `${path} is not a regular file but a pipe, socket or device, and is not read; name a file.`,
  );

async function download(address: string, options: OpenOptions): Promise<ManifestFile> {
  const label = showValue(address);
  if (!URL.canParse(address)) {
    throw new ManifestError('not_found', `${label} is not a valid URL; check the address.`);
  }
  const url = new URL(address);
  const fileName = basename(decodePath(url.pathname)) || url.hostname;
  const { limits, signal } = options;
  // Most manifests are files, and the HTTP client takes memory.
  const { DOWNLOAD_STALL_MS, explainDownload, openDownload } = await import('./download.ts');
  const handle = await spool(() => openDownload(url, options), label, signal, {
    explain: explainDownload,
    stallMs: DOWNLOAD_STALL_MS,
    maxBytes: limits?.maxBytes ?? Number.POSITIVE_INFINITY,
    timeoutMs: limits?.timeoutMs ?? LONGEST_DOWNLOAD_MS,
  });
  return { handle, label, fileName, name: manifestName(fileName) };
}

interface SpoolLimits {
  explain: (label: string, error: unknown) => ManifestError;
  /** Longest time without data. */
  stallMs: number;
  maxBytes: number;
  timeoutMs: number;
}

/** Create the source only when it gets a listener at once: a stream that fails without one ends the process. */
async function spool(
  makeSource: () => Readable,
  label: string,
  signal: AbortSignal,
  limits?: SpoolLimits,
): Promise<FileHandle> {
  const path = join(tmpdir(), `kling-sessions-${randomUUID()}`);
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'wx+', 0o600);
    await unlink(path);
    if (limits === undefined) await copy(addAbortSignal(signal, makeSource()), handle);
    else await copyWithin(limits, makeSource, label, handle, signal);
    return handle;
  } catch (error) {
    await handle?.close();
    signal.throwIfAborted();
    if (error instanceof ManifestError) throw error;
    throw explainDisk(label, error) ?? (limits?.explain ?? explainBreak)(label, error);
  }
}

async function copy(source: AsyncIterable<Buffer>, handle: FileHandle): Promise<void> {
  for await (const chunk of source) await handle.writeFile(chunk);
}

/** Never waits for ever: each chunk has a deadline, and all of them together have one. */
async function copyWithin(
  { maxBytes, stallMs, timeoutMs }: SpoolLimits,
  makeSource: () => Readable,
  label: string,
  handle: FileHandle,
  signal: AbortSignal,
): Promise<void> {
  const write = async (deadline: AbortSignal): Promise<void> => {
    const source = addAbortSignal(deadline, makeSource());
    try {
      let sizeBytes = 0;
      for await (const chunk of withoutStalls(source, stallMs, deadline)) {
        sizeBytes += chunk.length;
        if (sizeBytes > maxBytes) throw tooLarge(label, maxBytes);
        await handle.writeFile(chunk);
      }
    } finally {
      source.destroy();
    }
  };
  await withinDeadline(write, { timeoutMs, signal, late: () => tooSlow(label, timeoutMs) });
}

async function* withoutStalls(
  source: AsyncIterable<Buffer>,
  timeoutMs: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const chunks = source[Symbol.asyncIterator]();
  const stall = { timeoutMs, signal };
  for (;;) {
    const next = await withinDeadline(async () => await chunks.next(), stall);
    if (next.done) return;
    yield next.value;
  }
}

const tooLarge = (label: string, maxBytes: number): ManifestError =>
  new ManifestError(
    'too_large',
    `${label} is larger than ${inMebibytes(maxBytes)}, the most that a schedule reads from an address; compress it with gzip, or raise DASHBOARD_UPLOAD_MAX_BYTES for the workers.`,
  );

const inMebibytes = (bytes: number): string => `${Math.floor((bytes / 1_048_576) * 10) / 10} MiB`;

const tooSlow = (label: string, timeoutMs: number): ManifestError =>
  new ManifestError(
    'download_failed',
    `${label} did not arrive within ${timeoutMs / 60_000} min; check the server, or download it and import the file.`,
    { isTransient: true },
  );

/** A path with a stray `%` stays as it is. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** A manifest's file name without its extensions. */
export function manifestName(fileName: string): string {
  return fileName.replace(KNOWN_EXTENSIONS, '') || fileName;
}

function cannotOpen(path: string, error: NodeJS.ErrnoException): ManifestError {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') {
    return new ManifestError('not_found', `There is no file ${path}; check the path.`, {
      cause: error,
    });
  }
  const why = error.code === 'EACCES' ? 'permission denied' : (error.code ?? error.message);
  return new ManifestError(
    'unreadable',
    `${path} cannot be read (${why}); check its permissions.`,
    {
      cause: error,
    },
  );
}

function explainDisk(label: string, error: unknown): ManifestError | undefined {
  const { syscall, code } = error as NodeJS.ErrnoException;
  if (syscall !== 'write' && syscall !== 'open') return undefined;
  return new ManifestError(
    'spool_failed',
    `${label} cannot be copied to ${tmpdir()} (${code}); make room there, or set TMPDIR to another place.`,
  );
}

function explainBreak(label: string, error: unknown): ManifestError {
  const { code, name } = error as NodeJS.ErrnoException;
  return new ManifestError(
    'download_failed',
    `${label} cannot be read (${code ?? name}); write it to a file first, and import that.`,
    { cause: error },
  );
}
