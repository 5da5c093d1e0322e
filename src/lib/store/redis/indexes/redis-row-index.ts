import type { ManifestRow } from '../../../core/manifest/manifest.ts';
import type { RowIndex, RowPick } from '../../row-index.ts';
import { MARK_BYTES, unpackMarks } from '../packing/pack-mark.ts';
import { unpackSomeRows } from '../packing/pack-rows.ts';
import { RedisPart } from '../redis-part.ts';

/** The index on Redis. */
export class RedisRowIndex extends RedisPart implements RowIndex {
  async readMarks(batchId: string, firstRow: number, rows: number): Promise<Uint16Array | null> {
    const start = (firstRow - 1) * MARK_BYTES;
    const [areAllMarked, bytes] = await Promise.all([
      this.redis.hexists(this.keys.batch(batchId), 'isMarked'),
      this.redis.getrangeBuffer(this.keys.marks(batchId), start, start + rows * MARK_BYTES - 1),
    ]);
    return areAllMarked === 1 ? unpackMarks(bytes, rows) : null;
  }

  async pickRows(batchId: string, chunk: number, pick: RowPick): Promise<ManifestRow[] | null> {
    const packed = await this.redis.getBuffer(this.keys.chunk(batchId, chunk));
    return packed === null ? null : await unpackSomeRows(packed, pick);
  }
}
