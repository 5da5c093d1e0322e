import type { Refusal } from '../pages/refusal.ts';
import type { Received } from './receive-upload.ts';
import { BROKEN, describeLimit, NO_ROOM, type UploadStore } from './upload-store.ts';

/** The answer to a program whose file did not arrive. */
export function refuseArrival(
  kind: Exclude<Received['kind'], 'received'>,
  uploads: Pick<UploadStore, 'maxBytes'>,
): Refusal {
  switch (kind) {
    case 'too_large':
      return { kind: 'too_large', sentence: describeLimit(uploads) };
    case 'no_room':
      return { kind: 'no_room', sentence: NO_ROOM };
    case 'no_file':
      return { kind: 'unusable', sentence: 'Send a manifest that is not empty as the body.' };
    case 'broken':
      return { kind: 'unusable', sentence: BROKEN };
    case 'no_proof':
      return { kind: 'outdated_page' };
  }
}
