import { judgeVideo } from '../../core/video/judge-video.ts';
import type { VideoFacts } from '../../core/video/video.ts';
import { withFragments } from '../mp4/fragments.ts';
import type { Header } from '../mp4/locate-moov.ts';
import { firstFrame } from '../mp4/media-offsets.ts';
import { handlerOf, readMoov } from '../mp4/moov.ts';
import { boxAt, readBoxTree, type TreeBox } from './box-tree.ts';
import { readPlainTimes } from './plain-times.ts';
import { describeEntry } from './sample-entry.ts';

/** A header, and all fragments of a file that is plainly made of them. */
export type PlainHeader = Header & { moofs: Buffer[] | null };

/**
 * Reads a header in this process and returns its facts if they are certain and the video is accepted without a
 * warning. Null is not a judgement: ffprobe must inspect the file. ffprobe's facts of the same file are equal to the
 * last relevant digit.
 */
export function acceptPlainHeader(header: PlainHeader): VideoFacts | null {
  const facts = readPlainHeader(header);
  if (facts === null) return null;
  const { isAccepted, warnings } = judgeVideo(facts, { strictFps: true });
  return isAccepted && warnings.length === 0 ? facts : null;
}

/** The facts of a header in which everything agrees, whatever the API accepts; null for any other. */
export function readPlainHeader(header: PlainHeader): VideoFacts | null {
  const { ftyp, moov, moofs, media, isFileCut } = header;
  const tree = readBoxTree(moov);
  const container = containerOf(ftyp);
  if (tree === null || container === null || isFileCut) return null;
  const tracks = tree.children.filter(({ type }) => type === 'trak');
  const videos = tracks.filter((trak) => handlerOf(moov, trak) === 'vide');
  const [video] = videos;
  const details = withFragments(readMoov(moov), moofs);
  const [track] = details.videoTracks;
  if (video === undefined || videos.length > 1 || track === undefined || details.hasUnknownTrack) {
    return null;
  }
  const turn = turnOf(moov, tree, video);
  const stsd = boxAt(video, 'mdia', 'minf', 'stbl', 'stsd');
  const entry = stsd && describeEntry(moov, stsd, frameOf(moov, media));
  const times = readPlainTimes({ moov, tree, video, track, details });
  if (turn === null || !entry || times === null) return null;
  const { codec, width, height } = entry;
  if (!isShownAsStored(moov, video, entry)) return null;
  const size = turn === 'quarter' ? { width: height, height: width } : { width, height };
  return { container, codec, ...size, ...times, notes: [] };
}

/** From the major brand, as for ffprobe's facts; a file without one is unusual. */
function containerOf(ftyp: Buffer): 'mp4' | 'mov' | null {
  if (ftyp.length < 16) return null;
  return ftyp.toString('latin1', 8, 12) === 'qt  ' ? 'mov' : 'mp4';
}

/** Null when the first frame was not read. */
function frameOf(moov: Buffer, media: Header['media']): Buffer | null {
  const frame = firstFrame(moov);
  const at = frame === null ? -1 : frame.start - media.start;
  return frame === null || at < 0 || at >= media.bytes.length
    ? null
    : media.bytes.subarray(at, at + (frame.size || media.bytes.length));
}

const ONE = 0x10000;
const NO_TURN = [ONE, 0, 0, ONE];
const HALF_TURN = [-ONE, 0, 0, -ONE];
const QUARTER_TURNS = [
  [0, ONE, -ONE, 0],
  [0, -ONE, ONE, 0],
];

/** Sizes of the bodies of headers, by version, and the position of their matrix, from the end. */
const MOVIE_HEADER = { sizes: [100, 112], matrix: 64 } as const;
const TRACK_HEADER = { sizes: [84, 96], matrix: 44 } as const;

/** Null for anything but rotations: mirrored or scaled pictures, and headers of unusual length. */
function turnOf(moov: Buffer, tree: TreeBox, video: TreeBox): 'none' | 'quarter' | null {
  const movie = matrixOf(moov, boxAt(tree, 'mvhd'), MOVIE_HEADER);
  const track = matrixOf(moov, boxAt(video, 'tkhd'), TRACK_HEADER);
  if (movie === null || track === null || !isSame(movie, NO_TURN)) return null;
  if (isSame(track, NO_TURN) || isSame(track, HALF_TURN)) return 'none';
  return QUARTER_TURNS.some((turn) => isSame(track, turn)) ? 'quarter' : null;
}

const isSame = (one: number[], other: number[]): boolean =>
  one.every((value, at) => value === other[at]);

/** The four numbers of a matrix that rotate and scale. */
function matrixOf(
  moov: Buffer,
  box: TreeBox | undefined,
  { sizes, matrix }: { sizes: readonly number[]; matrix: number },
): number[] | null {
  const isWhole = box !== undefined && box.end - box.bodyStart === sizes[moov[box.bodyStart] ?? 2];
  return isWhole
    ? [0, 4, 12, 16].map((offset) => moov.readInt32BE(box.end - matrix + offset))
    : null;
}

/** If `tkhd` states another size than the samples, pixels are not square. */
function isShownAsStored(
  moov: Buffer,
  video: TreeBox,
  { width, height }: { width: number; height: number },
): boolean {
  const tkhd = boxAt(video, 'tkhd');
  return (
    tkhd !== undefined &&
    moov.readUInt32BE(tkhd.end - 8) === width * ONE &&
    moov.readUInt32BE(tkhd.end - 4) === height * ONE
  );
}
