import { execFile } from 'node:child_process';
import { chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { asOrdinaryUser, makeFolder } from './private-postgres.ts';

const run = promisify(execFile);

/** A small file system in memory, which becomes full. Only root may make one. */
export class SmallDisk implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Null where this user may not. */
  static async mount(bytes: number): Promise<SmallDisk | null> {
    const folder = await makeFolder('kling-disk-');
    const { uid, gid } = asOrdinaryUser;
    const owner = uid === undefined ? '' : `,uid=${uid},gid=${gid}`;
    try {
      await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes}${owner}`, 'tmpfs', folder]);
    } catch {
      await rm(folder, { recursive: true });
      return null;
    }
    return new SmallDisk(folder);
  }

  /** Of the user of the server. */
  async makeFolder(name: string): Promise<void> {
    const folder = join(this.folder, name);
    await mkdir(folder, { mode: 0o700 });
    const { uid, gid } = asOrdinaryUser;
    if (uid !== undefined && gid !== undefined) await chown(folder, uid, gid);
  }

  /** Takes all the space that is left, until `makeRoom`. */
  async fill(): Promise<void> {
    const block = Buffer.alloc(65_536);
    for (;;) {
      try {
        await writeFile(join(this.folder, 'filler'), block, { flag: 'a' });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        return;
      }
    }
  }

  async makeRoom(): Promise<void> {
    await rm(join(this.folder, 'filler'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run('umount', [this.folder]);
    await rm(this.folder, { recursive: true });
  }
}
