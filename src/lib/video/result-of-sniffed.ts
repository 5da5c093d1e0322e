import type { Inspected } from './file-inspector.ts';
import type { Sniffed } from './mp4/sniff.ts';
import { ReadError } from './read-error.ts';

/** Another container is certain, and therefore a result. Anything that is not a video is a failure, and thrown. */
export function resultOfSniffed(sniffed: Exclude<Sniffed, { kind: 'boxes' }>): Inspected {
  if (sniffed.kind === 'container') {
    return { kind: 'other_container', container: sniffed.container };
  }
  throw new ReadError('not_a_video', `not a video but ${sniffed.description}`, {
    isRetryable: false,
  });
}
