import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { addAbortSignal, type Readable } from 'node:stream';
import { showValue } from '../../lib/core/manifest/show-value.ts';
import type { Guard } from '../../lib/network/guarded-lookup.ts';
import { explainDownload, openDownload } from './download.ts';
import { ManifestError } from './manifest-error.ts';

/** A manifest as a file that can be read from the start as often as needed. */
export interface ManifestFile {
  handle: FileHandle;
  /** What messages call it: the path as given, `standard input`, or the URL without query and user-info. */
  label: string;
  /** Base name without the extensions of a manifest. */
  name: string;
}

const KNOWN_EXTENSIONS =
  /(\.(csv|tsv|tab|txt|list|jsonl|ndjson|json|xlsx|xlsm|ods|fods|parquet|gz|gzip))+$/i;

/**
 * Opens a path, `-` (`stdin`) or an http(s) URL. All but a regular file is copied to a temporary file first, which has no
 * name any more once it is open, so nothing is left behind however the process ends. The caller closes the handle.
 */
export async function openInput(
  input: string,
  options: { stdin: Readable; fileName?: string; guard?: Guard; signal: AbortSignal },
): Promise<ManifestFile> {
  const { stdin, signal } = options;
  if (input === '-') {
    const label = 'standard input';
    return { handle: await spool(() => stdin, label, signal), label, name: 'stdin' };
  }
  if (/^https?:\/\//i.test(input)) return download(input, options.guard, signal);
  return openPath(input, options.fileName ?? basename(input), signal);
}

async function openPath(
  path: string,
  fileName: string,
  signal: AbortSignal,
): Promise<ManifestFile> {
  const file = { label: path, name: manifestName(fileName) };
  const handle = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw cannotOpen(path, error);
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

async function download(
  address: string,
  guard: Guard | undefined,
  signal: AbortSignal,
): Promise<ManifestFile> {
  const label = showValue(address);
  if (!URL.canParse(address)) {
    throw new ManifestError('not_found', `${label} is not a valid URL; check the address.`);
  }
  const url = new URL(address);
  const name = manifestName(basename(decodePath(url.pathname))) || url.hostname;
  const handle = await spool(() => openDownload(url, guard), label, signal, explainDownload);
  return { handle, label, name };
}

/** The source is made only when it is listened to at once: a stream that fails unheard ends the process. */
async function spool(
  makeSource: () => Readable,
  label: string,
  signal: AbortSignal,
  explain = explainBreak,
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
    throw explainDisk(label, error) ?? explain(label, error);
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
  );
}
