import type { Batch } from '../lib/core/batch/batch.ts';
import { countChunks } from '../lib/core/batch/chunk.ts';
import type { KeyColumns } from '../lib/rows/row-key.ts';
import type { BatchStore } from '../lib/store/batch-store.ts';
import type { KeyIndex } from '../lib/store/key-index.ts';

/** Makes the stored rows of a batch findable by these columns, unless they are already. */
export async function indexStoredRows(
  { store, keyIndex }: { store: BatchStore; keyIndex: KeyIndex },
  batch: Batch,
  key: KeyColumns,
): Promise<void> {
  if (await keyIndex.isWhole(batch, key)) return;
  const writer = keyIndex.write(batch, key);
  for (let chunk = 0; chunk < countChunks(batch.rows); chunk += 1) {
    const rows = await store.readChunk(batch.id, chunk);
    // The index depends on the order of the rows, so a lost chunk cannot be skipped.
    if (rows === null) return;
    await writer.add(rows, batch.shape);
  }
  await writer.finish();
}
