import type { Inspected } from './file-inspector.ts';
import { ReadError } from './read-error.ts';
import type { Sniffed } from './sniff.ts';

/** What a file is that is no MP4 or MOV: another container, or, as a thrown `ReadError`, no video at all. */
export function resultOfSniffed(sniffed: Exclude<Sniffed, { kind: 'boxes' }>): Inspected {
  if (sniffed.kind === 'container') {
    return { kind: 'other_container', container: sniffed.container };
  }
  const message = `not a video but ${sniffed.description}`;
  throw new ReadError('not_a_video', message, { isRetryable: false });
}
