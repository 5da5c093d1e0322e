import type { Redis } from 'ioredis';
import type { BatchRef } from '../../core/batch/batch.ts';
import type { ManifestShape } from '../../core/manifest/manifest.ts';
import type { Keys } from '../keys.ts';
import { loadBatchScript } from './batch-script.ts';
import { storedShape } from './packing/batch-hash.ts';

const script = loadBatchScript('note-reading');

/** How far a manifest was read. `isWhole`: every row of it is stored. */
export async function noteReading(
  place: { redis: Redis; keys: Keys },
  batch: BatchRef,
  { shape, isWhole }: { shape: ManifestShape; isWhole: boolean },
): Promise<void> {
  await script.run(place, batch, [], [storedShape.write(shape), isWhole ? '1' : '0']);
}
