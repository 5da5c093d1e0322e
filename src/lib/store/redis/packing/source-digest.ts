import { hash } from 'node:crypto';
import type { Source } from '../../../core/manifest/source.ts';
import { identityOf } from '../../../core/video/video-identity.ts';

/** The digest that identifies a video. */
export interface SourceDigest {
  /** 16 characters. */
  digest: string;
  /** The first 12 of them, the field of the ledger of live sessions. */
  listed: string;
  /** The other 4, which the outcome of a called row keeps. */
  called: string;
  /** The part of the ledger that holds it, 3 characters. */
  slice: string;
}

/** Uses a video's identity (`videoIdentity`), so that a newly signed address stays the same source. */
export const digestSource = (source: Source): SourceDigest => digestText(identityOf(source));

/** Whether an outcome's `called` is of this source. Version 0.2 used the digest of the address as it was written. */
export const isCalledFor = (source: Source, called: string): boolean =>
  digestSource(source).called === called ||
  (source.kind === 'url' && digestText(`url ${source.videoUrl}`).called === called);

function digestText(text: string): SourceDigest {
  const sum = hash('sha256', text, 'buffer');
  const digest = sum.toString('base64url', 0, 12);
  return {
    digest,
    listed: digest.slice(0, 12),
    called: digest.slice(12),
    slice: sum.toString('hex', 12, 14).slice(0, 3),
  };
}
