import { findInner, type InnerBox, innerBoxes, MAX_BOXES, tooManyBoxes } from './boxes.ts';

/** What ffprobe does not say, or says only with the media data at hand. */
export interface MoovDetails {
  /** Samples are described by fragments outside `moov` (it holds `mvex`): `moov` alone is not enough. */
  isFragmented: boolean;
  /** `moov` is packed with zlib (`cmov`): only ffprobe can look inside. */
  isCompressed: boolean;
  videoTracks: VideoTrackDetails[];
  /** A track does not say what it holds: it may be a video. */
  hasUnknownTrack: boolean;
}

export interface VideoTrackDetails {
  /** As `tkhd` says; ffprobe prints it as the stream's `id`. */
  trackId: number;
  isEncrypted: boolean;
  /** Frame durations differ noticeably; see `hasVaryingDeltas`. */
  isVariableFrameRate: boolean;
}

/** Reads a whole `moov` box, header included. Anything may be missing or broken in it: it never throws. */
export function readMoov(moov: Buffer): MoovDetails {
  const details: MoovDetails = {
    isFragmented: false,
    isCompressed: false,
    videoTracks: [],
    hasUnknownTrack: false,
  };
  for (const box of childrenOfMoov(moov)) {
    if (box.type === 'mvex') {
      details.isFragmented = true;
    } else if (box.type === 'cmov') {
      details.isCompressed = true;
    } else if (box.type === 'trak') {
      readTrack(moov, box, details);
    }
  }
  return details;
}

/** Boxes that are looked into on the way to the sample tables. */
const CONTAINERS: ReadonlySet<string> = new Set(['trak', 'mdia', 'minf', 'stbl']);

/** Throws `too_many_boxes` for a `moov` that would take long to look through. */
export function checkBoxCount(moov: Buffer): void {
  const [box] = innerBoxes(moov, 0, moov.length);
  const unopened = box === undefined ? [] : [box];
  let count = 0;
  for (let next = unopened.pop(); next !== undefined; next = unopened.pop()) {
    for (const inner of innerBoxes(moov, next.bodyStart, next.end)) {
      count += 1;
      if (count > MAX_BOXES) throw tooManyBoxes('its moov box');
      if (CONTAINERS.has(inner.type)) unopened.push(inner);
    }
  }
}

/** The boxes inside a `moov` that is given with its header. */
export function* childrenOfMoov(moov: Buffer): Generator<InnerBox> {
  const [box] = innerBoxes(moov, 0, moov.length);
  if (box !== undefined) {
    yield* innerBoxes(moov, box.bodyStart, box.end);
  }
}

/** Four characters: `vide`, `soun` …; empty when the track has none. */
export function handlerOf(moov: Buffer, trak: InnerBox): string {
  const hdlr = findInner(moov, trak, ['mdia', 'hdlr']);
  return hdlr === undefined ? '' : moov.toString('latin1', hdlr.bodyStart + 8, hdlr.bodyStart + 12);
}

function readTrack(moov: Buffer, trak: InnerBox, details: MoovDetails): void {
  const handler = handlerOf(moov, trak);
  if (handler === 'vide') {
    details.videoTracks.push(readVideoTrack(moov, trak));
  }
  details.hasUnknownTrack ||= handler === '';
}

function readVideoTrack(moov: Buffer, trak: InnerBox): VideoTrackDetails {
  const table = findInner(moov, trak, ['mdia', 'minf', 'stbl']);
  const entry = table && firstSampleEntry(moov, table);
  const stts = table && findInner(moov, table, ['stts']);
  return {
    trackId: trackIdOf(moov, trak),
    isEncrypted: entry?.type === 'encv' || entry?.type === 'drmi',
    isVariableFrameRate: stts !== undefined && hasVaryingDeltas(readDeltas(moov, stts)),
  };
}

function trackIdOf(moov: Buffer, trak: InnerBox): number {
  const tkhd = findInner(moov, trak, ['tkhd']);
  if (tkhd === undefined || tkhd.end - tkhd.bodyStart < 24) {
    return 0;
  }
  const isVersion1 = moov[tkhd.bodyStart] === 1;
  return moov.readUInt32BE(tkhd.bodyStart + (isVersion1 ? 20 : 12));
}

function firstSampleEntry(moov: Buffer, table: InnerBox): InnerBox | undefined {
  const stsd = findInner(moov, table, ['stsd']);
  const [entry] = stsd === undefined ? [] : innerBoxes(moov, stsd.bodyStart + 8, stsd.end);
  return entry;
}

interface DeltaRun {
  count: number;
  delta: number;
}

/** Far more than a clip of any length that the API takes can have. */
const MAX_DELTA_RUNS = 100_000;

function readDeltas(moov: Buffer, stts: InnerBox): DeltaRun[] {
  const runs: DeltaRun[] = [];
  const end = Math.min(stts.end, stts.bodyStart + 8 + MAX_DELTA_RUNS * 8);
  for (let at = stts.bodyStart + 8; at + 8 <= end; at += 8) {
    runs.push({ count: moov.readUInt32BE(at), delta: moov.readUInt32BE(at + 4) });
  }
  return runs;
}

/** Share of frames that may stray before a rate counts as variable. */
const STRAY_SHARE = 0.02;
/** A frame strays when its duration differs by more than this share from the usual one, and by more than a tick. */
const STRAY_DELTA = 0.05;

/**
 * Whether frame durations differ noticeably. The last frame may be of any length, and a clock too coarse
 * for the rate (33, 33, 34 ms) is not a variable rate.
 */
function hasVaryingDeltas(runs: DeltaRun[]): boolean {
  const frames = withoutLastFrame(runs);
  const total = frames.reduce((sum, { count }) => sum + count, 0);
  const usual = frames.reduce((best, run) => (run.count > best.count ? run : best), {
    count: 0,
    delta: 0,
  });
  const limit = Math.max(1, usual.delta * STRAY_DELTA);
  const straying = frames
    .filter(({ delta }) => Math.abs(delta - usual.delta) > limit)
    .reduce((sum, { count }) => sum + count, 0);
  return straying > total * STRAY_SHARE;
}

function withoutLastFrame(runs: DeltaRun[]): DeltaRun[] {
  const last = runs.at(-1);
  return last === undefined ? [] : [...runs.slice(0, -1), { ...last, count: last.count - 1 }];
}
