import { hash } from 'node:crypto';
import type { Source } from '../../../core/manifest/source.ts';

/** What a video is known by. */
export interface SourceDigest {
  /** 16 characters. */
  digest: string;
  /** The first 12 of them; the ledger of live sessions lists it under these, … */
  listed: string;
  /** … and the outcome of a row for which it was called keeps the other 4. */
  called: string;
  /** The part of the ledger in which it lies, 3 characters. */
  slice: string;
}

export function digestSource(source: Source): SourceDigest {
  const text =
    source.kind === 'url' ? `url ${source.videoUrl}` : `kling ${source.videoId} ${source.taskId}`;
  const sum = hash('sha256', text, 'buffer');
  const digest = sum.toString('base64url', 0, 12);
  return {
    digest,
    listed: digest.slice(0, 12),
    called: digest.slice(12),
    slice: sum.toString('hex', 12, 14).slice(0, 3),
  };
}
