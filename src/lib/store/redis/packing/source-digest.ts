import { hash } from 'node:crypto';
import type { Source } from '../../../core/manifest/source.ts';
import { identityOf } from '../../../core/video/video-identity.ts';

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

/** By a video's identity (`videoIdentity`), so that an address stays the same source when it is signed again. */
export const digestSource = (source: Source): SourceDigest => digestText(identityOf(source));

/** Whether `called` of an outcome is of this source. Version 0.2 took the digest of the address as it was written. */
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
