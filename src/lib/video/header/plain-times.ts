import { describeFrames } from '../../core/video/frame-timing.ts';
import type { VideoFacts } from '../../core/video/video.ts';
import { type MoovDetails, readClock, type VideoTrackDetails } from '../mp4/moov.ts';
import { boxAt, type TreeBox } from './box-tree.ts';

type Times = Pick<
  VideoFacts,
  | 'fps'
  | 'usualFps'
  | 'isVariableFrameRate'
  | 'durationS'
  | 'containerDurationS'
  | 'otherDurationsS'
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
  // The average may leave frames out; then it differs from ffprobe's.
  const isAverage = frameCount === countFrames(track) && frames.every(({ ticks }) => ticks > 0);
  const editedS = editedDuration(tables, { durationS, fps });
  if (!isPlain || !isAverage || editedS === null) return null;
  const containerDurationS = tables.details.isFragmented ? durationS : tables.details.durationS;
  if (!doOthersAgree(tables, { durationS, containerDurationS, frameS: 1 / fps })) return null;
  return {
    fps,
    usualFps,
    isVariableFrameRate: isVariable,
    durationS: toMicroseconds(durationS),
    containerDurationS: containerDurationS && toMicroseconds(containerDurationS),
    ...(editedS !== undefined && { otherDurationsS: [toMicroseconds(editedS)] }),
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

/**
 * How long the edit list lasts, in seconds, if it shows every frame once at its own speed; undefined without a list. A
 * pause may come first, for sound that starts earlier. Null for any other list.
 */
function editedDuration(
  { moov, tree, video, details }: Tables,
  found: { durationS: number; fps: number },
): number | null | undefined {
  const box = boxAt(video, 'edts', 'elst');
  if (box === undefined) return undefined;
  const edits = readEdits(moov, box);
  const shown = edits?.at(-1);
  const pause = edits?.[1] && edits[0];
  const { timescale } = readClock(moov, boxAt(tree, 'mvhd'));
  if (shown === undefined || shown.startTicks < 0) return null;
  if (pause !== undefined && pause.startTicks !== -1) return null;
  if (shown.ticks === 0 && details.isFragmented) return undefined;
  const isWhole = Math.abs(shown.ticks / timescale - found.durationS) < 1 / found.fps;
  return isWhole ? (shown.ticks + (pause?.ticks ?? 0)) / timescale : null;
}

/** `ticks` count by the clock of the movie, `startTicks` by that of the track. */
interface Edit {
  ticks: number;
  startTicks: number;
}

/** Null unless there are one or two edits at normal speed with 32-bit times. */
function readEdits(moov: Buffer, { bodyStart, end }: TreeBox): Edit[] | null {
  const count = (end - bodyStart - 8) / 12;
  const isShort = count === 1 || count === 2;
  if (!isShort || moov[bodyStart] !== 0 || moov.readUInt32BE(bodyStart + 4) !== count) return null;
  const edits: Edit[] = [];
  for (let at = bodyStart + 8; at < end; at += 12) {
    if (moov.readUInt32BE(at + 8) !== NORMAL_SPEED) return null;
    edits.push({ ticks: moov.readUInt32BE(at), startTicks: moov.readInt32BE(at + 4) });
  }
  return edits;
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
