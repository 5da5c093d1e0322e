import { formatCount } from '../../lib/core/in-words.ts';
import { sourceOf } from '../../lib/core/manifest/check-row.ts';
import type { Source } from '../../lib/core/manifest/source.ts';
import type { BatchStore } from '../../lib/store/batch-store.ts';
import type { Ledger } from '../../lib/store/redis/redis-ledger.ts';
import { identify } from '../batch-identity.ts';
import type { ImportOptions } from '../import-options.ts';
import type { Manifest } from '../manifest/open-manifest.ts';

/** Each asks Redis some 25 times, all at once. */
const MAX_VIDEOS = 100;

export interface SessionsContext {
  store: Pick<BatchStore, 'findIdentical'>;
  ledger: Ledger;
  now: () => number;
}

/**
 * A sentence if at least half of a table's first 100 videos have a session that lives, as when a file was renamed and
 * corrected; null otherwise, and for an import that was made before: it calls nothing again.
 */
export async function findLiveElsewhere(
  { store, ledger, now }: SessionsContext,
  manifest: Manifest,
  options: ImportOptions,
): Promise<string | null> {
  if ((await store.findIdentical(identify(manifest, options))) !== null) return null;
  const videos = await readFirstVideos(manifest);
  const nowMs = now();
  const found = await Promise.all(
    videos.map((video) => ledger.findLiveSession(video, null, nowMs)),
  );
  const batchIds = found.flatMap((live) => (live === null ? [] : [live.batchId]));
  if (batchIds.length === 0 || 2 * batchIds.length < videos.length) return null;
  const counts = new Map<string, number>();
  for (const id of batchIds) counts.set(id, (counts.get(id) ?? 0) + 1);
  const [[batchId] = ['']] = [...counts].toSorted(([, one], [, other]) => other - one);
  const [first, have] = videos.length === 1 ? ['video', 'has'] : ['videos', 'have'];
  const mostly = counts.size === 1 ? '' : ', most of them';
  return `${formatCount(batchIds.length)} of the first ${formatCount(videos.length)} ${first} in ${manifest.fileName} ${have} a session that lives${mostly} in ${batchId}, which this table does not continue: all its rows are called. To keep the sessions, continue that batch (\`--continue ${batchId}\`).`;
}

async function readFirstVideos(manifest: Manifest): Promise<Source[]> {
  const videos: Source[] = [];
  for await (const some of manifest.rows()) {
    for (const row of some) {
      const source = sourceOf(manifest.shape, row);
      if (source !== null) videos.push(source);
      if (videos.length === MAX_VIDEOS) return videos;
    }
  }
  return videos;
}
