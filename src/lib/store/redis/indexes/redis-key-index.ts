import type { BatchRef } from '../../../core/batch/batch.ts';
import { countChunks } from '../../../core/batch/chunk.ts';
import type { ManifestRow, ManifestShape } from '../../../core/manifest/manifest.ts';
import { createKeyReader, type KeyColumns, keyText } from '../../../rows/row-key.ts';
import type { KeyCandidates, KeyIndex, KeyWriter } from '../../key-index.ts';
import { loadBatchScript } from '../batch-script.ts';
import { storedKey } from '../packing/batch-hash.ts';
import { type Place, RedisPart } from '../redis-part.ts';
import { partsWithKey, rowsWithKey, SECTION_ROWS, SectionKeys } from './pack-keys.ts';

const writeKeys = loadBatchScript('write-keys', { keys: ['keyIndex'], args: ['packed'] });
const finishKeyIndex = loadBatchScript('finish-key-index', { keys: ['keyed'], args: ['key'] });

/** Parts that are written or counted at once. */
const PARTS_AT_ONCE = 200;
/** Batches that are searched at once. */
const BATCHES_AT_ONCE = 100;

/** The index of keys on Redis. */
export class RedisKeyIndex extends RedisPart implements KeyIndex {
  write(batch: BatchRef, key: KeyColumns): KeyWriter {
    return new Writer(this.place, batch, key);
  }

  async isWhole(
    { id, rows, key: present }: BatchRef & { rows: number; key: KeyColumns | null },
    key: KeyColumns,
  ): Promise<boolean> {
    if (JSON.stringify(present) !== JSON.stringify(key)) return false;
    if ((await this.redis.zscore(this.keys.keyed, id)) === null) return false;
    const parts = countChunks(rows);
    for (let first = 0; first < parts; first += PARTS_AT_ONCE) {
      const length = Math.min(PARTS_AT_ONCE, parts - first);
      const some = Array.from({ length }, (_, at) => this.keys.keyIndex(id, first + at));
      if ((await this.redis.exists(...some)) < length) return false;
    }
    return true;
  }

  async *findCandidates(text: string): AsyncGenerator<KeyCandidates[]> {
    for (let first = 0; ; first += BATCHES_AT_ONCE) {
      const last = first + BATCHES_AT_ONCE - 1;
      const ids = await this.redis.zrevrange(this.keys.keyed, first, last);
      const found = await Promise.all(ids.map((id) => this.#findIn(id, text)));
      yield found.filter(({ rows }) => rows.length > 0);
      if (ids.length < BATCHES_AT_ONCE) return;
    }
  }

  async #findIn(batchId: string, text: string): Promise<KeyCandidates> {
    const known = Number(await this.redis.hget(this.keys.batch(batchId), 'rows'));
    const rows = await Promise.all(
      partsWithKey(text, known).map(async ({ part, firstRow }) => {
        const packed = await this.redis.getBuffer(this.keys.keyIndex(batchId, part));
        return packed === null ? [] : rowsWithKey(text, packed, firstRow);
      }),
    );
    return { batchId, rows: rows.flat() };
  }
}

class Writer implements KeyWriter {
  readonly #place: Place;
  readonly #batch: BatchRef;
  readonly #key: KeyColumns;
  #section = new SectionKeys();
  #rows = 0;

  constructor(place: Place, batch: BatchRef, key: KeyColumns) {
    this.#place = place;
    this.#batch = batch;
    this.#key = key;
  }

  async add(rows: readonly ManifestRow[], shape: ManifestShape): Promise<void> {
    const read = createKeyReader(shape, this.#key);
    for (const row of rows) {
      // Only at this point are all earlier rows stored.
      if (this.#rows > 0 && this.#rows % SECTION_ROWS === 0) await this.#writeSection();
      const values = read(row);
      if (values !== null) this.#section.add(keyText(values), this.#rows % SECTION_ROWS);
      this.#rows += 1;
    }
  }

  async finish(): Promise<void> {
    if (this.#rows > 0) await this.#writeSection();
    await finishKeyIndex.run(this.#place, this.#batch, { key: storedKey.write([...this.#key]) });
  }

  /** The section that ends with the latest row. */
  async #writeSection(): Promise<void> {
    const rows = ((this.#rows - 1) % SECTION_ROWS) + 1;
    const firstPart = countChunks(this.#rows - rows);
    const parts = this.#section.pack(rows);
    this.#section = new SectionKeys();
    for (let first = 0; first < parts.length; first += PARTS_AT_ONCE) {
      const some = parts.slice(first, first + PARTS_AT_ONCE);
      await Promise.all(
        some.map((packed, at) => {
          const target = { ...this.#batch, chunk: firstPart + first + at };
          return writeKeys.run(this.#place, target, { packed });
        }),
      );
    }
  }
}
