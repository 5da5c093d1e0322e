import type { FeedScope } from '../../result-feed.ts';

/** Bytes of one event, as `announce.lua` packs it. */
export const EVENT_BYTES = 9;
/** Events of one segment: each is a string of its own, so that old ones can be dropped. */
export const EVENTS_PER_SEGMENT = 8_192;

const CHUNK = 0x4000_0000;
const UNTOUCHED = 0x8000_0000;
const ALL = 0x8000_0001;
const EXPIRED = 0xc000_0000;

/** The constants that the scripts use. */
export const FEED_CONSTANTS = {
  eventsPerSegment: EVENTS_PER_SEGMENT,
  firstChunk: CHUNK,
  untouchedRows: UNTOUCHED,
  allRows: ALL,
  firstExpired: EXPIRED,
};

/** Unpacks a scope from a number of 32 bits: rows are themselves, chunks start at 2^30, expiries at 3 × 2^30. */
function unpackScope(packed: number): FeedScope {
  if (packed >= EXPIRED) return { kind: 'expired', bucket: packed - EXPIRED };
  if (packed === ALL) return { kind: 'all' };
  if (packed >= UNTOUCHED) return { kind: 'untouched' };
  if (packed >= CHUNK) return { kind: 'chunk', chunk: packed - CHUNK };
  return { kind: 'row', row: packed };
}

export interface PackedEvent {
  /** Number of the first event of its batch. */
  batch: number;
  scope: FeedScope;
}

/** Unpacks the events in a part of a segment. */
export function unpackEvents(bytes: Buffer): PackedEvent[] {
  const count = Math.floor(bytes.length / EVENT_BYTES);
  return Array.from({ length: count }, (_, index) => {
    const at = index * EVENT_BYTES;
    return { batch: bytes.readUIntBE(at, 5), scope: unpackScope(bytes.readUInt32BE(at + 5)) };
  });
}
