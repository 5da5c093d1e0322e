import type { FrameRun } from '../../core/video/frame-timing.ts';
import { findInner, type InnerBox, innerBoxes, MAX_BOXES, tooManyBoxes } from './boxes.ts';

/** What ffprobe does not report, or reports only with the media data. */
export interface MoovDetails {
  /** Fragments outside `moov` describe the samples (it holds `mvex`): `moov` alone is not enough. */
  isFragmented: boolean;
  /** `moov` is packed with zlib (`cmov`): only ffprobe can read it. */
  isCompressed: boolean;
  videoTracks: VideoTrackDetails[];
  /** A track does not state its type, so it may be a video. */
  hasUnknownTrack: boolean;
  /** From `mvhd`, in seconds: the longest track with its edits. Null when it states none. */
  durationS: number | null;
}

export interface VideoTrackDetails {
  /** From `tkhd`; ffprobe prints it as the stream's `id`. */
  trackId: number;
  isEncrypted: boolean;
  /** Type of the first sample entry: four characters such as `avc1`; empty when there is none. */
  sampleEntry: string;
  /** Ticks per second of the durations in `frames`; 0 when the file does not say. */
  timescale: number;
  /** Frames in decoding order; null when the tables contradict each other or are longer than in any normal video. */
  frames: readonly FrameRun[] | null;
  /** Sum of the edit list, empty edits included, in seconds; null without one, or when an edit has no end. */
  editedDurationS: number | null;
  /** Duration in ticks of a frame whose fragment states none (`trex`). */
  defaultTicks: number;
  /** Each fragment begins where the one before it ended; true without fragments. */
  areFragmentsJoined: boolean;
}

/** Reads a whole `moov` box, including its header. Any part may be missing or broken: it never throws. */
export function readMoov(moov: Buffer): MoovDetails {
  const details: MoovDetails = {
    isFragmented: false,
    isCompressed: false,
    videoTracks: [],
    hasUnknownTrack: false,
    durationS: null,
  };
  const boxes = [...childrenOfMoov(moov)];
  const movie = readClock(
    moov,
    boxes.find(({ type }) => type === 'mvhd'),
  );
  details.durationS = movie.durationS;
  const extension = boxes.find(({ type }) => type === 'mvex');
  const defaults = defaultTicks(moov, extension);
  details.isFragmented = extension !== undefined;
  details.isCompressed = boxes.some(({ type }) => type === 'cmov');
  for (const trak of boxes.filter(({ type }) => type === 'trak')) {
    const handler = handlerOf(moov, trak);
    if (handler === 'vide') {
      details.videoTracks.push(readVideoTrack(moov, trak, { movie, defaults }));
    }
    details.hasUnknownTrack ||= handler === '';
  }
  return details;
}

/** Boxes to open on the way to the sample tables. */
const CONTAINERS: ReadonlySet<string> = new Set(['trak', 'mdia', 'minf', 'stbl']);

/** Throws `too_many_boxes` for a `moov` that would take too long to read. */
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

interface Surroundings {
  movie: Clock;
  defaults: ReadonlyMap<number, number>;
}

function readVideoTrack(
  moov: Buffer,
  trak: InnerBox,
  { movie, defaults }: Surroundings,
): VideoTrackDetails {
  const table = findInner(moov, trak, ['mdia', 'minf', 'stbl']);
  const entry = table && firstSampleEntry(moov, table);
  const trackId = trackIdOf(moov, trak);
  return {
    trackId,
    isEncrypted: entry?.type === 'encv' || entry?.type === 'drmi',
    sampleEntry: entry?.type ?? '',
    timescale: readClock(moov, findInner(moov, trak, ['mdia', 'mdhd'])).timescale,
    frames: table === undefined ? null : readFrames(moov, table),
    editedDurationS: editedDuration(moov, trak, movie.timescale),
    defaultTicks: defaults.get(trackId) ?? 0,
    areFragmentsJoined: true,
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

export interface Clock {
  timescale: number;
  durationS: number | null;
}

/** From `mvhd` or `mdhd`. A duration of 0, or of all ones, is unknown. */
export function readClock(moov: Buffer, box: InnerBox | undefined): Clock {
  const isWide = box !== undefined && moov[box.bodyStart] === 1;
  const at = (box?.bodyStart ?? 0) + (isWide ? 20 : 12);
  if (box === undefined || at + (isWide ? 12 : 8) > box.end) {
    return { timescale: 0, durationS: null };
  }
  const timescale = moov.readUInt32BE(at);
  const ticks = isWide ? Number(moov.readBigUInt64BE(at + 4)) : moov.readUInt32BE(at + 4);
  const isUnknown = ticks === 0 || ticks >= (isWide ? 2 ** 63 : 0xffffffff) || timescale === 0;
  return { timescale, durationS: isUnknown ? null : ticks / timescale };
}

/** More than any video of a length that the API accepts can have. */
export const MAX_FRAME_RUNS = 10_000;

function readFrames(moov: Buffer, table: InnerBox): FrameRun[] | null {
  const stts = findInner(moov, table, ['stts']);
  if (stts === undefined || stts.end - stts.bodyStart > 8 + MAX_FRAME_RUNS * 8) {
    return null;
  }
  const runs: FrameRun[] = [];
  for (let at = stts.bodyStart + 8; at + 8 <= stts.end; at += 8) {
    runs.push({ count: moov.readUInt32BE(at), ticks: moov.readUInt32BE(at + 4) });
  }
  const count = runs.reduce((sum, run) => sum + run.count, 0);
  const sizes = findInner(moov, table, ['stsz']) ?? findInner(moov, table, ['stz2']);
  const isWhole = sizes !== undefined && sizes.end - sizes.bodyStart >= 12;
  return isWhole && moov.readUInt32BE(sizes.bodyStart + 8) === count ? runs : null;
}

const MAX_EDITS = 1_000;

function editedDuration(moov: Buffer, trak: InnerBox, timescale: number): number | null {
  const list = findInner(moov, trak, ['edts', 'elst']);
  if (list === undefined || timescale === 0 || list.end - list.bodyStart < 8) {
    return null;
  }
  const isWide = moov[list.bodyStart] === 1;
  const size = isWide ? 20 : 12;
  const end = Math.min(list.end, list.bodyStart + 8 + MAX_EDITS * size);
  let ticks = 0;
  for (let at = list.bodyStart + 8; at + size <= end; at += size) {
    const shown = isWide ? Number(moov.readBigUInt64BE(at)) : moov.readUInt32BE(at);
    // Written in front of fragments, when the end is not known yet: from here on everything is shown.
    if (shown === 0) return null;
    ticks += shown;
  }
  return ticks === 0 ? null : ticks / timescale;
}

/** By track id. */
function defaultTicks(moov: Buffer, mvex: InnerBox | undefined): Map<number, number> {
  const boxes = mvex === undefined ? [] : [...innerBoxes(moov, mvex.bodyStart, mvex.end)];
  return new Map(
    boxes
      .filter(({ type, bodyStart, end }) => type === 'trex' && end - bodyStart >= 16)
      .map(({ bodyStart: at }) => [moov.readUInt32BE(at + 4), moov.readUInt32BE(at + 12)]),
  );
}
