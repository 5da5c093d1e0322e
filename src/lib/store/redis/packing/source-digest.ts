import { hash } from 'node:crypto';
import type { Source } from '../../../core/manifest/source.ts';

/** What a video is known by in the ledger of live sessions: 16 characters, and the slice of the ledger they lie in. */
export function digestSource(source: Source): { digest: string; slice: string } {
  const text =
    source.kind === 'url' ? `url ${source.videoUrl}` : `kling ${source.videoId} ${source.taskId}`;
  const sum = hash('sha256', text, 'buffer');
  return {
    digest: sum.toString('base64url', 0, 12),
    slice: sum.toString('hex', 12, 14).slice(0, 3),
  };
}
