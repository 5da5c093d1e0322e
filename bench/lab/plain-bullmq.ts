import { Queue } from 'bullmq';
import type { ManifestRow } from '../../src/lib/core/manifest/manifest.ts';
import { openManifest } from '../../src/producer/manifest/open-manifest.ts';
import type { BenchRedis } from './bench-redis.ts';

const BULK_ROWS = 1_000;
/** Plain BullMQ takes minutes for a million jobs; its rate does not depend on the number. */
const MAX_ROWS = 100_000;

export interface PlainImport {
  rows: number;
  rowsPerS: number;
  bytesPerRow: number;
}

/** The solution without this program: a job per row, with `addBulk`. At most 100,000 rows of the manifest. */
export async function importByAddBulk(server: BenchRedis, path: string): Promise<PlainImport> {
  await server.clear();
  const queue = new Queue('plain', { connection: server.redis });
  await queue.waitUntilReady();
  const startMs = performance.now();
  await using manifest = await openManifest(path, { signal: new AbortController().signal });
  let bulk: ManifestRow[] = [];
  let rows = 0;
  const add = async (): Promise<void> => {
    await queue.addBulk(bulk.map(({ cells }) => ({ name: 'row', data: cells })));
    rows += bulk.length;
    bulk = [];
  };
  for await (const read of manifest.rows()) {
    bulk.push(...read);
    if (bulk.length >= BULK_ROWS) await add();
    if (rows >= MAX_ROWS) break;
  }
  if (bulk.length > 0) await add();
  const seconds = (performance.now() - startMs) / 1_000;
  return { rows, rowsPerS: rows / seconds, bytesPerRow: (await server.usedBytes()) / rows };
}
