import { readFile, stat } from 'node:fs/promises';
import type { Logger } from 'pino';
import { parseUserFile, type Users, usersOf } from './users.ts';

const LOOK_EVERY_MS = 2_000;

/**
 * The users in a JSON file, which is read again when it changes. An unusable file is logged once, and the previous
 * users stay, so a typing error locks no one out.
 */
export class UserFile implements Users, Disposable {
  readonly #path: string;
  readonly #log: Pick<Logger, 'info' | 'error'>;
  readonly #timer: NodeJS.Timeout;
  #users: Users;
  #version: string;
  #isLooking = false;

  private constructor(path: string, log: Pick<Logger, 'info' | 'error'>, first: Read) {
    this.#path = path;
    this.#log = log;
    this.#users = first.users;
    this.#version = first.version;
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS).unref();
  }

  /** @throws Error that says why the file cannot be used. */
  static async open(path: string, log: Pick<Logger, 'info' | 'error'>): Promise<UserFile> {
    return new UserFile(path, log, await read(path));
  }

  /** Reads the file now if it has changed. Never rejects. */
  async look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const version = await versionOf(this.#path).catch(() => 'missing');
      if (version === this.#version) return;
      this.#version = version;
      this.#users = (await read(this.#path)).users;
      this.#log.info({ path: this.#path }, 'users read again');
    } catch (err) {
      this.#log.error(
        { err, path: this.#path },
        'the file of users cannot be used; the users before stay',
      );
    } finally {
      this.#isLooking = false;
    }
  }

  get haveNames(): boolean {
    return this.#users.haveNames;
  }

  nameToCount(given: string): string {
    return this.#users.nameToCount(given);
  }

  authenticate(...given: Parameters<Users['authenticate']>): ReturnType<Users['authenticate']> {
    return this.#users.authenticate(...given);
  }

  find(...given: Parameters<Users['find']>): ReturnType<Users['find']> {
    return this.#users.find(...given);
  }

  markOf(name: string): string {
    return this.#users.markOf(name);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

interface Read {
  users: Users;
  version: string;
}

/** The version is taken first: a file that changes meanwhile is read again. */
async function read(path: string): Promise<Read> {
  const version = await versionOf(path);
  return { version, users: usersOf(parseUserFile(await readFile(path, 'utf8'))) };
}

/** Another file under the same name has another number, as a replacement by `mv` or by Kubernetes does. */
async function versionOf(path: string): Promise<string> {
  const { ino, mtimeNs, size } = await stat(path, { bigint: true });
  return `${ino} ${mtimeNs} ${size}`;
}
