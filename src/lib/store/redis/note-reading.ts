import type { Redis } from 'ioredis';
import type { ManifestShape } from '../../core/manifest/manifest.ts';
import { loadScript } from '../../redis/script.ts';
import type { Keys } from '../keys.ts';
import { storedShape } from './packing/batch-hash.ts';

const script = loadScript(new URL('./lua/', import.meta.url), 'note-reading');

/** How far a manifest was read. `isWhole`: every row of it is stored. */
export async function noteReading(
  redis: Redis,
  keys: Keys,
  batchId: string,
  { shape, isWhole }: { shape: ManifestShape; isWhole: boolean },
): Promise<void> {
  await script.run(redis, [keys.batch(batchId)], [storedShape.write(shape), isWhole ? '1' : '0']);
}
