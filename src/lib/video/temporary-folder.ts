import { once } from 'node:events';
import { lstat, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder whose socket does not answer is kept for this long: its process may just be starting. */
const SIGNLESS_MS = 24 * 3_600_000;
/** Answers as long as the process that made the folder lives. */
const SIGN_OF_LIFE = 'alive';

export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

/**
 * Makes a folder `<prefix>…`, which is deleted on disposal, and deletes those with the same prefix whose process has
 * ended without doing so. A folder's process is alive as long as the socket in it accepts connections: the system
 * closes that however the process ends. Process numbers are not enough, because containers that share `place` count
 * their own.
 */
export async function openTemporaryFolder(
  prefix: string,
  place = tmpdir(),
): Promise<TemporaryFolder> {
  await removeAbandoned(prefix, place);
  const path = await mkdtemp(join(place, prefix));
  const sign = await giveSignOfLife(path);
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      await rm(path, { recursive: true, force: true });
      await sign?.[Symbol.asyncDispose]();
    },
  };
}

/** Null if there cannot be one, because the path is too long for a socket. */
async function giveSignOfLife(folder: string): Promise<AsyncDisposable | null> {
  const server = createServer((socket) => socket.destroy());
  try {
    // Under another name until it listens, because it would look abandoned before that.
    server.listen(join(folder, `${SIGN_OF_LIFE}.new`));
    await once(server, 'listening');
    await rename(join(folder, `${SIGN_OF_LIFE}.new`), join(folder, SIGN_OF_LIFE));
  } catch {
    server.close();
    return null;
  }
  server.unref();
  return {
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

async function removeAbandoned(prefix: string, place: string): Promise<void> {
  const names = (await readdir(place)).filter((name) => name.startsWith(prefix));
  await Promise.all(
    names.map(async (name) => {
      const folder = join(place, name);
      // Another process may be deleting it, too.
      if (await isAbandoned(folder))
        await rm(folder, { recursive: true, force: true }).catch(() => {});
    }),
  );
}

async function isAbandoned(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => null);
  if (found === null || !found.isDirectory() || found.uid !== process.getuid?.()) return false;
  const sign = await lstat(join(folder, SIGN_OF_LIFE)).catch(() => null);
  if (sign === null) return found.mtimeMs < Date.now() - SIGNLESS_MS;
  return !(await answers(join(folder, SIGN_OF_LIFE)));
}

/** A frozen process counts as alive: the system accepts the connection for it. */
async function answers(socketPath: string): Promise<boolean> {
  const socket = createConnection(socketPath);
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    // Any other failure says nothing about the process.
    return (error as NodeJS.ErrnoException).code !== 'ECONNREFUSED';
  } finally {
    socket.destroy();
  }
}
