import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CliError, EXIT } from '../process/exit.ts';

/** A file that takes its final name when it is complete. Disposing discards an unfinished file. */
export class WholeFile implements AsyncDisposable {
  readonly #path: string;
  readonly #temporaryPath: string;
  #handle: FileHandle | null;

  private constructor(path: string, temporaryPath: string, handle: FileHandle) {
    this.#path = path;
    this.#temporaryPath = temporaryPath;
    this.#handle = handle;
  }

  /** @throws CliError (1) when it cannot be written there. */
  static async begin(path: string): Promise<WholeFile> {
    const temporaryPath = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
    const handle = await open(temporaryPath, 'wx').catch((error) => fail(path, error));
    return new WholeFile(path, temporaryPath, handle);
  }

  async write(text: string): Promise<void> {
    await this.#handle?.writeFile(text).catch((error) => fail(this.#path, error));
  }

  async finish(): Promise<void> {
    await this.#handle?.close();
    this.#handle = null;
    await rename(this.#temporaryPath, this.#path).catch((error) => fail(this.#path, error));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#handle === null) return;
    await this.#handle.close();
    await unlink(this.#temporaryPath).catch(() => undefined);
  }
}

function fail(path: string, error: NodeJS.ErrnoException): never {
  throw new CliError(
    EXIT.unexpected,
    `${path} cannot be written (${error.code ?? error.message}); name another file with --out.`,
  );
}
