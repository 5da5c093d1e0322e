import { randomUUID } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import {
  access,
  type FileHandle,
  open,
  readdir,
  readlink,
  realpath,
  rename,
  stat,
  unlink,
} from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/**
 * A file that takes its final name when it is complete and on disk, so that a partial one is never visible. A device
 * or a pipe, and everything below `/dev` and `/proc`, is written to directly. Disposing discards an unfinished file.
 * All methods reject with the file system's errors, which `explainOutputError` explains.
 */
export class OutputFile implements AsyncDisposable {
  readonly #path: string;
  readonly #temporaryPath: string | null;
  #handle: FileHandle | null;

  private constructor(path: string, temporaryPath: string | null, handle: FileHandle) {
    this.#path = path;
    this.#temporaryPath = temporaryPath;
    this.#handle = handle;
  }

  static async open(path: string): Promise<OutputFile> {
    const place = await findPlace(path);
    if (!place.isReplaceable) {
      return new OutputFile(place.path, null, await open(place.path, place.flag));
    }
    if (place.isDirectory) throw isDirectory();
    const temporaryPath = temporaryName(place.path);
    return new OutputFile(place.path, temporaryPath, await open(temporaryPath, 'wx'));
  }

  async write(content: string | Buffer): Promise<void> {
    await this.#handle?.writeFile(content);
  }

  async finish(): Promise<void> {
    if (this.#temporaryPath === null) {
      await this.#close();
      return;
    }
    await this.#handle?.sync();
    await this.#close();
    try {
      await rename(this.#temporaryPath, this.#path);
    } catch (error) {
      await unlink(this.#temporaryPath).catch(() => undefined);
      throw error;
    }
  }

  async #close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#handle === null) return;
    await this.#close().catch(() => undefined);
    if (this.#temporaryPath !== null) await unlink(this.#temporaryPath).catch(() => undefined);
  }
}

/**
 * Checks whether a file could be written there, without leaving a trace. Only writing shows whether there is enough
 * room. Rejects with the file system's errors, like `OutputFile`.
 */
export async function checkOutput(path: string): Promise<void> {
  const place = await findPlace(path);
  if (place.isDirectory) throw isDirectory();
  await access(place.isReplaceable ? dirname(place.path) : place.path, constants.W_OK);
}

/** Why a file cannot be written, and what to do: the rest of a sentence. `flag` is the one that names the file. */
export function explainOutputError(error: NodeJS.ErrnoException, flag: string): string {
  const [why, isElsewhereBetter] = REASONS[error.code ?? ''] ?? [error.message, false];
  if (!isElsewhereBetter) return why;
  return `${why}${why.includes(';') ? ', or' : ';'} choose another place with ${flag}`;
}

/** The message, and whether another place helps. */
const REASONS: Record<string, readonly [why: string, isElsewhereBetter: boolean]> = {
  EACCES: ['permission denied', true],
  EDQUOT: ['the disk quota is used up; make room', true],
  EISDIR: ['it is a directory; name a file', false],
  ENOENT: ['its directory does not exist; create it', true],
  ENOSPC: ['the disk is full; make room', true],
  ENOTDIR: ['a part of its path is not a directory', true],
  EPERM: ['not permitted', true],
  EPIPE: ['the program that was reading it has stopped', false],
  EROFS: ['the file system is read-only', true],
};

const isDirectory = (): Error => Object.assign(new Error('a directory'), { code: 'EISDIR' });

interface Place {
  path: string;
  /** Whether a new file may replace it. */
  isReplaceable: boolean;
  isDirectory: boolean;
  /** How to open it if it may not be replaced. */
  flag: 'w' | 'a';
}

/** A long chain of links leads nowhere. */
const MAX_LINKS = 40;

async function findPlace(path: string): Promise<Place> {
  if (await isSystemPath(path)) return await findSystemPlace(path);
  try {
    const target = await realpath(path);
    const stats = await stat(target);
    return {
      path: target,
      isReplaceable: !isSpecial(stats),
      isDirectory: stats.isDirectory(),
      flag: 'w',
    };
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
  return {
    path,
    isReplaceable: false,
    isDirectory: stats.isDirectory(),
    flag: stats.isFile() ? 'a' : 'w',
  };
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

const isSpecial = (stats: Stats): boolean => !stats.isFile() && !stats.isDirectory();

/** The name of a file until it is complete; unique, as a frozen writer may wake up beside the next one. */
const temporaryName = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);

/** A living writer has written something within this time. A frozen writer fails and is repeated. */
const DEAD_MS = 5_000;

/** Removes what killed writers have left beside a file. Errors are ignored. */
export async function removeLeftovers(path: string): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const begin = `.${basename(target)}.`;
  const names = await readdir(dirname(target)).catch(() => []);
  for (const name of names) {
    const middle = name.slice(begin.length, -'.tmp'.length);
    if (!name.startsWith(begin) || !name.endsWith('.tmp') || middle.length !== 36) continue;
    const left = join(dirname(target), name);
    const found = await stat(left).catch(() => null);
    if (found?.isFile() && found.mtimeMs < Date.now() - DEAD_MS) {
      await unlink(left).catch(() => undefined);
    }
  }
}
