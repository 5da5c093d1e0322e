import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { addAbortSignal, type Readable } from 'node:stream';
import { got } from 'got';
import { showValue } from '../../lib/core/show-value.ts';
import { ManifestError } from './manifest-error.ts';

/** A manifest as a file that can be read from the start as often as needed. */
export interface ManifestFile {
  handle: FileHandle;
  /** What messages call it: the path as given, `standard input`, or the URL without query and user-info. */
  label: string;
  /** Base name without the extensions of a manifest. */
  name: string;
}

const KNOWN_EXTENSIONS = /(\.(csv|tsv|tab|txt|list|jsonl|ndjson|json|xlsx|xlsm|gz|gzip))+$/i;

/** A download is given up when nothing has come for this long. */
const DOWNLOAD_STALL_MS = 60_000;

/**
 * Opens a path, `-` (`stdin`) or an http(s) URL. All but a regular file is copied to a temporary file first, which has no
 * name any more once it is open, so nothing is left behind however the process ends. The caller closes the handle.
 */
export async function openInput(
  input: string,
  options: { stdin: Readable; fileName?: string; signal: AbortSignal },
): Promise<ManifestFile> {
  if (input === '-') {
    const label = 'standard input';
    return {
      handle: await spool(() => options.stdin, label, options.signal),
      label,
      name: 'stdin',
    };
  }
  if (/^https?:\/\//i.test(input)) return download(input, options.signal);
  return openPath(input, options.fileName ?? basename(input), options.signal);
}

async function openPath(
  path: string,
  fileName: string,
  signal: AbortSignal,
): Promise<ManifestFile> {
  const file = { label: path, name: nameOf(fileName) };
  const handle = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw cannotOpen(path, error);
  });
  const stats = await handle.stat();
  if (stats.isFile()) return { handle, ...file };
  if (stats.isDirectory()) {
    await handle.close();
    throw new ManifestError(
      'is_directory',
      `${path} is a directory; name a manifest file, one per batch.`,
    );
  }
  return { handle: await spool(() => handle.createReadStream(), path, signal), ...file };
}

async function download(address: string, signal: AbortSignal): Promise<ManifestFile> {
  const label = showValue(address);
  if (!URL.canParse(address)) {
    throw new ManifestError('not_found', `${label} is not a valid URL; check the address.`);
  }
  const { pathname, hostname } = new URL(address);
  const request = (): Readable =>
    got.stream(address, {
      retry: { limit: 0 },
      timeout: { connect: 10_000, response: DOWNLOAD_STALL_MS, socket: DOWNLOAD_STALL_MS },
    });
  const name = nameOf(basename(decodePath(pathname))) || hostname;
  return { handle: await spool(request, label, signal), label, name };
}

/** The source is made only when it is listened to at once: a stream that fails unheard ends the process. */
async function spool(
  makeSource: () => Readable,
  label: string,
  signal: AbortSignal,
): Promise<FileHandle> {
  const path = join(tmpdir(), `kling-sessions-${randomUUID()}`);
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'wx+', 0o600);
    await unlink(path);
    for await (const chunk of addAbortSignal(signal, makeSource())) await handle.writeFile(chunk);
    return handle;
  } catch (error) {
    await handle?.close();
    signal.throwIfAborted();
    throw cannotSpool(label, error as NodeJS.ErrnoException);
  }
}

/** A path with a stray `%` stays as it is. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function nameOf(fileName: string): string {
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

/** The cause is not kept for downloads: `got` puts the whole URL into it. */
function cannotSpool(label: string, error: NodeJS.ErrnoException): ManifestError {
  if (error.syscall === 'write' || error.syscall === 'open') {
    return new ManifestError(
      'spool_failed',
      `${label} cannot be copied to ${tmpdir()} (${error.code}); make room there, or set TMPDIR to another place.`,
    );
  }
  const why = error.name === 'HTTPError' ? error.message.replace(/: .*$/s, '') : error.code;
  return new ManifestError(
    'download_failed',
    `${label} cannot be read (${why ?? error.name}); check the address, or download it and import the file.`,
  );
}
