import type { Batch } from '../../lib/core/batch/batch.ts';
import { formatCount } from '../../lib/core/in-words.ts';
import { sourceOf } from '../../lib/core/manifest/check-row.ts';
import type { Source } from '../../lib/core/manifest/source.ts';
import { identityOf } from '../../lib/core/video/video-identity.ts';
import type { BatchOverview } from '../../lib/store/batch-overview.ts';
import type { BatchStore } from '../../lib/store/batch-store.ts';
import type { Ledger } from '../../lib/store/redis/redis-ledger.ts';
import { identify } from '../batch-identity.ts';
import type { ImportOptions } from '../import-options.ts';
import type { Manifest } from '../manifest/open-manifest.ts';

/** Each asks Redis some 25 times, all at once. */
const MAX_VIDEOS = 100;
const MAX_BATCHES = 50;

export interface SessionsContext {
  store: Pick<BatchStore, 'findIdentical' | 'readChunk'>;
  overview: Pick<BatchOverview, 'listBatches' | 'readSessions'>;
  ledger: Ledger;
  now: () => number;
}

/** The first different videos of a table, by their identities. */
type Videos = ReadonlyMap<string, Source>;

/**
 * A sentence if at least half of a table's first 100 videos have a session that lives, and are in one batch, as when a
 * file was renamed and corrected; null otherwise, and for an import that was made before: it calls nothing again.
 */
export async function findLiveElsewhere(
  context: SessionsContext,
  manifest: Manifest,
  options: ImportOptions,
): Promise<string | null> {
  const { store, ledger, now } = context;
  if ((await store.findIdentical(identify(manifest, options))) !== null) return null;
  const videos = await readFirstVideos(manifest);
  const nowMs = now();
  const sessions = await Promise.all(
    Array.from(videos.values(), (video) => ledger.findLiveSession(video, null, nowMs)),
  );
  const live = sessions.filter((session) => session !== null).length;
  if (live === 0 || 2 * live < videos.size) return null;
  const found = await findTable(context, videos, nowMs);
  if (found === null || 2 * found.has < videos.size) return null;
  const first = videos.size === MAX_VIDEOS ? 'first ' : '';
  const { id, has } = found;
  return `${formatCount(live)} of the ${first}${formatCount(videos.size)} different videos in ${manifest.fileName} have a session that lives. This table continues no batch, so all its rows are called. Batch ${id} has ${formatCount(has)} of these videos; to keep its sessions, continue it (\`--continue ${id}\`).`;
}

/** The newest table with most of these videos among its first rows and sessions that live. */
async function findTable(
  { store, overview }: SessionsContext,
  videos: Videos,
  nowMs: number,
): Promise<{ id: string; has: number } | null> {
  let best: { id: string; has: number } | null = null;
  let seen = 0;
  for await (const batch of overview.listBatches()) {
    if (seen === MAX_BATCHES || best?.has === videos.size) break;
    seen += 1;
    if (batch.selection !== null || !batch.isReadToEnd) continue;
    const has = await countIn(store, batch, videos);
    if (has <= (best?.has ?? 0)) continue;
    const { alive } = await overview.readSessions(batch.id, nowMs);
    if (alive > 0) best = { id: batch.id, has };
  }
  return best;
}

async function countIn(
  store: Pick<BatchStore, 'readChunk'>,
  { id, shape }: Batch,
  videos: Videos,
): Promise<number> {
  const found = new Set<string>();
  for (const row of (await store.readChunk(id, 0)) ?? []) {
    const source = sourceOf(shape, row);
    const identity = source && identityOf(source);
    if (identity !== null && videos.has(identity)) found.add(identity);
  }
  return found.size;
}

async function readFirstVideos(manifest: Manifest): Promise<Videos> {
  const videos = new Map<string, Source>();
  for await (const rows of manifest.rows()) {
    for (const row of rows) {
      const source = sourceOf(manifest.shape, row);
      if (source !== null) videos.set(identityOf(source), source);
      if (videos.size === MAX_VIDEOS) return videos;
    }
  }
  return videos;
}
