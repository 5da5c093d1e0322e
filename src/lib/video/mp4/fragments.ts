import type { FrameRun } from '../../core/video/frame-timing.ts';
import { findInner, type InnerBox, innerBoxes } from './boxes.ts';
import { MAX_FRAME_RUNS, type MoovDetails, type VideoTrackDetails } from './moov.ts';

/** Flags of `tfhd` (ISO/IEC 14496-12, 8.8.7): fields that come before the default duration. */
const TFHD = { baseDataOffset: 0x1, sampleDescription: 0x2, duration: 0x8 } as const;
/** Flags of `trun` (8.8.8): fields before the samples, then fields of each sample. */
const TRUN = { dataOffset: 0x1, firstFlags: 0x4, duration: 0x100 } as const;
const TRUN_SAMPLE_FIELDS = [0x100, 0x200, 0x400, 0x800];

/**
 * Adds the frames described by a file's fragments to those of its `moov`. `moofs` are whole boxes with their headers,
 * in order; null if some are missing, and then no frames of fragmented tracks are known.
 */
export function withFragments(details: MoovDetails, moofs: readonly Buffer[] | null): MoovDetails {
  if (!details.isFragmented) {
    return details;
  }
  const videoTracks = details.videoTracks.map((track) =>
    moofs === null ? { ...track, frames: null } : { ...track, ...joinFrames(track, moofs) },
  );
  return { ...details, videoTracks };
}

type Joined = Pick<VideoTrackDetails, 'frames' | 'areFragmentsJoined'>;

function joinFrames(track: VideoTrackDetails, moofs: readonly Buffer[]): Joined {
  const frames = new FrameList(track.frames ?? []);
  let areFragmentsJoined = true;
  for (const moof of moofs) {
    for (const traf of boxesIn(moof, 'traf')) {
      areFragmentsJoined &&= startOf(moof, traf) === frames.ticks;
      if (!addFrames(moof, traf, track, frames) || frames.runs.length > MAX_FRAME_RUNS) {
        return { frames: null, areFragmentsJoined: false };
      }
    }
  }
  return { frames: frames.runs, areFragmentsJoined };
}

/** Frames of one duration stay one run, as in `stts`. */
class FrameList {
  readonly runs: FrameRun[] = [];
  ticks = 0;

  constructor(runs: readonly FrameRun[]) {
    for (const { count, ticks } of runs) this.add(count, ticks);
  }

  add(count: number, ticks: number): void {
    this.ticks += count * ticks;
    const last = this.runs.at(-1);
    if (last?.ticks === ticks) {
      last.count += count;
    } else {
      this.runs.push({ count, ticks });
    }
  }
}

/** From `tfdt`, in ticks; null when the fragment does not say. */
function startOf(moof: Buffer, traf: InnerBox): number | null {
  const tfdt = findInner(moof, traf, ['tfdt']);
  const isWide = tfdt !== undefined && moof[tfdt.bodyStart] === 1;
  if (tfdt === undefined || tfdt.end - tfdt.bodyStart < (isWide ? 12 : 8)) return null;
  const at = tfdt.bodyStart + 4;
  return isWide ? Number(moof.readBigUInt64BE(at)) : moof.readUInt32BE(at);
}

function boxesIn(moof: Buffer, type: string): InnerBox[] {
  const [box] = innerBoxes(moof, 0, moof.length);
  return box === undefined
    ? []
    : [...innerBoxes(moof, box.bodyStart, box.end)].filter((inner) => inner.type === type);
}

/** False when the fragment cannot be read. */
function addFrames(
  moof: Buffer,
  traf: InnerBox,
  track: VideoTrackDetails,
  frames: FrameList,
): boolean {
  const tfhd = findInner(moof, traf, ['tfhd']);
  if (tfhd === undefined || tfhd.end - tfhd.bodyStart < 8) return false;
  if (moof.readUInt32BE(tfhd.bodyStart + 4) !== track.trackId) return true;
  const usual = defaultDuration(moof, tfhd) ?? track.defaultTicks;
  const runs = [...innerBoxes(moof, traf.bodyStart, traf.end)].filter(
    ({ type }) => type === 'trun',
  );
  return runs.every((trun) => addRun(moof, trun, usual, frames));
}

function defaultDuration(moof: Buffer, { bodyStart, end }: InnerBox): number | null {
  const flags = moof.readUInt32BE(bodyStart) & 0xffffff;
  const at =
    bodyStart +
    8 +
    (flags & TFHD.baseDataOffset ? 8 : 0) +
    (flags & TFHD.sampleDescription ? 4 : 0);
  return flags & TFHD.duration && at + 4 <= end ? moof.readUInt32BE(at) : null;
}

function addRun(
  moof: Buffer,
  { bodyStart, end }: InnerBox,
  usual: number,
  frames: FrameList,
): boolean {
  if (end - bodyStart < 8) return false;
  const flags = moof.readUInt32BE(bodyStart) & 0xffffff;
  const count = moof.readUInt32BE(bodyStart + 4);
  if (!(flags & TRUN.duration)) {
    frames.add(count, usual);
    return true;
  }
  const size = 4 * TRUN_SAMPLE_FIELDS.filter((field) => flags & field).length;
  const first =
    bodyStart + 8 + (flags & TRUN.dataOffset ? 4 : 0) + (flags & TRUN.firstFlags ? 4 : 0);
  if (first + count * size > end) return false;
  for (let at = first; at < first + count * size; at += size) {
    frames.add(1, moof.readUInt32BE(at));
  }
  return true;
}

/** Far more than the fragments of any video that the API accepts. */
export const MAX_FRAGMENT_BYTES = 4 * 1024 * 1024;

/** Collects the `moof` boxes of a file that is read from front to back, as long as their size is reasonable. */
export class FragmentCollector {
  #boxes: Buffer[][] = [];
  #types: string[] = [];
  #boxStart = -1;
  #bytes = 0;

  /** Takes a part of any top-level box; all parts of a box come one after the other. */
  add({ type, boxStart, bytes }: { type: string; boxStart: number; bytes: Buffer }): void {
    const isNew = boxStart !== this.#boxStart;
    this.#boxStart = boxStart;
    if (isNew && this.#types.length < MAX_TOP_BOXES) this.#types.push(type);
    if (type !== 'moof' || this.#bytes > MAX_FRAGMENT_BYTES) return;
    this.#bytes += bytes.length;
    if (isNew) this.#boxes.push([]);
    // A part is a view of a larger chunk. It is copied, so that the chunk is not kept in memory.
    this.#boxes.at(-1)?.push(Buffer.from(bytes));
  }

  /** Null when they were too large to keep. */
  get moofs(): Buffer[] | null {
    return this.#bytes > MAX_FRAGMENT_BYTES
      ? null
      : this.#boxes.map((pieces) => Buffer.concat(pieces));
  }

  /**
   * Like `moofs`, but also null unless the file consists only of `moov` and fragments, each with its media data. If
   * there is an index (`sidx`), readers may use that instead.
   */
  get plainMoofs(): Buffer[] | null {
    const isPlain =
      this.#types.length < MAX_TOP_BOXES && PLAIN_FRAGMENTS.test(`${this.#types.join(' ')} `);
    return isPlain ? this.moofs : null;
  }
}

const MAX_TOP_BOXES = 10_000;
const PLAIN_FRAGMENTS = /^ftyp (free )?moov ((styp |free )?moof mdat )+(mfra )?$/;
