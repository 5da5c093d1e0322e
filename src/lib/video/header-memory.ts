import { createHash } from 'node:crypto';
import type { Header } from './mp4/locate-moov.ts';

/** A few hundred bytes each. */
const MAX_HEADERS = 2_000;

/**
 * What earlier headers contained. ffprobe sees only a file's header, so the same bytes give the same facts: a video
 * with many signed addresses costs one process. Failures are not kept; the oldest entries are dropped.
 */
export class HeaderMemory<Found> {
  readonly #found = new Map<string, Found>();
  readonly #underWay = new Map<string, Promise<Found>>();

  async recall(header: Header, inspect: () => Promise<Found>): Promise<Found> {
    const digest = digestOf(header);
    const known = this.#found.get(digest);
    const found = known === undefined ? await this.#inspectOnce(digest, inspect) : known;
    this.#keep(digest, found);
    return found;
  }

  /** Callers with the same header wait for one inspection; if it fails, each inspects for itself. */
  async #inspectOnce(digest: string, inspect: () => Promise<Found>): Promise<Found> {
    const present = this.#underWay.get(digest);
    if (present !== undefined) return await present.catch(() => inspect());
    const inspecting = inspect();
    this.#underWay.set(digest, inspecting);
    try {
      return await inspecting;
    } finally {
      this.#underWay.delete(digest);
    }
  }

  /** Moves it to the most recently used place. */
  #keep(digest: string, found: Found): void {
    this.#found.delete(digest);
    this.#found.set(digest, found);
    const [oldest] = this.#found.keys();
    if (this.#found.size > MAX_HEADERS && oldest !== undefined) this.#found.delete(oldest);
  }
}

function digestOf({ ftyp, moov, media, isFileCut }: Header): string {
  const shape = [ftyp.length, moov.length, media.start, isFileCut];
  return createHash('sha256')
    .update(shape.join())
    .update(ftyp)
    .update(moov)
    .update(media.bytes)
    .digest('base64');
}
