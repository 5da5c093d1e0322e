import { describeFrames } from '../../core/video/frame-timing.ts';
import type { VideoFacts } from '../../core/video/video.ts';
import { type MoovDetails, readClock, type VideoTrackDetails } from '../mp4/moov.ts';
import { boxAt, type TreeBox } from './box-tree.ts';

type Times = Pick<
  VideoFacts,
  'fps' | 'usualFps' | 'isVariableFrameRate' | 'durationS' | 'containerDurationS'
>;

interface Tables {
  moov: Buffer;
  tree: TreeBox;
  /** The only video track: its box, and the facts about it, including fragments. */
  video: TreeBox;
  track: VideoTrackDetails;
  details: MoovDetails;
}

/** Rate and duration, if frames, clocks, edits and the other tracks agree; null if there is any doubt. */
export function readPlainTimes(tables: Tables): Times | null {
  const { track } = tables;
  const frames = track.frames ?? [];
  const timing = describeFrames(frames, track.timescale);
  if (timing === null) return null;
  const { fps, usualFps, isVariable, durationS } = timing;
  const isPlain = tables.details.isFragmented ? isPlainlyFragmented(tables) : isWhole(tables);
  const frameCount = Math.round(durationS * fps);
  // An average that leaves frames out, as it may, is not ffprobe's.
  const isAverage = frameCount === countFrames(track) && frames.every(({ ticks }) => ticks > 0);
  if (!isPlain || !isAverage || !areEditsPlain(tables, durationS, 1 / fps)) return null;
  const containerDurationS = tables.details.isFragmented ? durationS : tables.details.durationS;
  if (!doOthersAgree(tables, { durationS, containerDurationS, frameS: 1 / fps })) return null;
  return {
    fps,
    usualFps,
    isVariableFrameRate: isVariable,
    durationS: toMicroseconds(durationS),
    containerDurationS: containerDurationS && toMicroseconds(containerDurationS),
  };
}

/** In ffprobe's notation. */
const toMicroseconds = (seconds: number): number => Number(seconds.toFixed(6));

const countFrames = ({ frames }: VideoTrackDetails): number =>
  frames?.reduce((sum, { count }) => sum + count, 0) ?? 0;

/** All samples, and their positions, are in `moov`. */
function isWhole({ moov, video, track }: Tables): boolean {
  const tables = ['stsc', 'stco', 'co64'].map((type) => boxAt(video, 'mdia', 'minf', 'stbl', type));
  const [chunks, ...offsets] = tables.map((box) =>
    box === undefined || box.end - box.bodyStart < 12 ? 0 : moov.readUInt32BE(box.bodyStart + 4),
  );
  return (
    countFrames(track) > 1 && chunks !== 0 && offsets.filter((count) => count > 0).length === 1
  );
}

/** One track, without samples in `moov`. */
function isPlainlyFragmented({ moov, tree, video, track }: Tables): boolean {
  const stts = boxAt(video, 'mdia', 'minf', 'stbl', 'stts');
  const isEmpty = stts !== undefined && moov.readUInt32BE(stts.bodyStart + 4) === 0;
  const tracks = tree.children.filter(({ type }) => type === 'trak');
  return isEmpty && tracks.length === 1 && track.areFragmentsJoined && countFrames(track) > 1;
}

/** No edit list, or one that shows every frame once at its own speed. */
function areEditsPlain({ moov, tree, video, details }: Tables, storedS: number, frameS: number) {
  const edits = boxAt(video, 'edts', 'elst');
  if (edits === undefined) return true;
  const size = edits.end - edits.bodyStart;
  if (moov[edits.bodyStart] !== 0 || size !== 20 || moov.readUInt32BE(edits.bodyStart + 4) !== 1) {
    return false;
  }
  const ticks = moov.readUInt32BE(edits.bodyStart + 8);
  const { timescale } = readClock(moov, boxAt(tree, 'mvhd'));
  const shownS = ticks / timescale;
  const startTicks = moov.readInt32BE(edits.bodyStart + 12);
  const isAll = Math.abs(shownS - storedS) < frameS || (ticks === 0 && details.isFragmented);
  return isAll && startTicks >= 0 && moov.readUInt32BE(edits.bodyStart + 16) === NORMAL_SPEED;
}

const NORMAL_SPEED = 0x10000;
/** Sound may begin earlier or end later than the frames by at most this, in seconds, without a warning. */
const SOUND_GRACE_S = 0.1;

/** Whether the movie and each track's own clock last as long as the frames; for sound, not longer. */
function doOthersAgree(
  { moov, tree, video, details }: Tables,
  found: { durationS: number; containerDurationS: number | null; frameS: number },
): boolean {
  const { durationS, containerDurationS, frameS } = found;
  if (details.isFragmented) {
    return details.durationS === null || Math.abs(details.durationS - durationS) < frameS;
  }
  const own = readClock(moov, boxAt(video, 'mdia', 'mdhd')).durationS;
  const longestS = (containerDurationS ?? 0) + SOUND_GRACE_S;
  const lasts = tree.children
    .filter(({ type }) => type === 'trak')
    .map((trak) => readClock(moov, boxAt(trak, 'mdia', 'mdhd')).durationS ?? 0);
  return (
    containerDurationS !== null &&
    containerDurationS > durationS - frameS &&
    own !== null &&
    Math.abs(own - durationS) < frameS &&
    lasts.every((seconds) => seconds <= longestS)
  );
}
