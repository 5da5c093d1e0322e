import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface FoundVideos {
  /** Paths below the folder, sorted. */
  names: string[];
  /** Files and folders that could not be opened. */
  lost: string[];
}

interface Entry {
  name: string;
  /** The path without links. */
  real: string;
  isFolder: boolean;
}

/** The formats that the API accepts, and other common ones, which the verdict then names. */
const VIDEO_NAME = /\.(?:mp4|mov|m4v|avi|mkv|webm)$/i;

/**
 * The videos of a folder and its subfolders, hidden ones left out. Links are followed, but a file or folder that is
 * reached in several ways has one name: the one without a link, if there is one. Otherwise a link to a parent would
 * list, and bill, each video twice.
 */
export async function findVideos(folder: string): Promise<FoundVideos> {
  const search = new Search();
  await search.visit({ name: '', real: await realpath(folder), isFolder: true });
  // Visiting finds more links.
  for (const name of search.links) {
    const entry = await follow(folder, name);
    if (entry !== null) await search.visit(entry);
    else if (VIDEO_NAME.test(name)) search.lost.push(name);
  }
  return { names: search.names.toSorted(), lost: search.lost.toSorted() };
}

class Search {
  readonly names: string[] = [];
  readonly lost: string[] = [];
  readonly links: string[] = [];
  readonly #seen = new Set<string>();

  async visit({ name, real, isFolder }: Entry): Promise<void> {
    if (this.#seen.has(real)) return;
    this.#seen.add(real);
    if (isFolder) await this.#visitFolder(name, real);
    else if (VIDEO_NAME.test(name)) this.names.push(name);
  }

  async #visitFolder(name: string, real: string): Promise<void> {
    const children = await readdir(real, { withFileTypes: true }).catch(() => null);
    if (children === null) this.lost.push(`${name}/`);
    for (const child of children ?? []) {
      if (child.name.startsWith('.')) continue;
      const below = name === '' ? child.name : `${name}/${child.name}`;
      const isFolder = child.isDirectory();
      if (child.isSymbolicLink()) this.links.push(below);
      else if (isFolder || child.isFile()) {
        await this.visit({ name: below, real: join(real, child.name), isFolder });
      }
    }
  }
}

/** Null for a link that leads nowhere, or to neither a file nor a folder. */
async function follow(folder: string, name: string): Promise<Entry | null> {
  try {
    const real = await realpath(join(folder, name));
    const stats = await stat(real);
    return stats.isFile() || stats.isDirectory()
      ? { name, real, isFolder: stats.isDirectory() }
      : null;
  } catch {
    return null;
  }
}
