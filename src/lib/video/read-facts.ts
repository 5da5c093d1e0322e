import type { FfprobeData, FfprobeStream } from 'fluent-ffmpeg';
import { describeFrames, type FrameTiming } from '../core/video/frame-timing.ts';
import { judgeVideo } from '../core/video/judge-video.ts';
import type { Remark, VideoFacts } from '../core/video/video.ts';
import type { MoovDetails, VideoTrackDetails } from './mp4/moov.ts';

/** What is known about a file besides ffprobe's output. */
export interface FileDetails {
  ftyp: Buffer;
  moov: MoovDetails;
  /** The file is shorter than its boxes say. */
  isFileCut: boolean;
}

export type FactsFound =
  /** `isSizeCertain` false: the frames may have a different size than the header says. */
  | { kind: 'video'; facts: VideoFacts; isSizeCertain: boolean }
  /** `isCertain` false: the content of some tracks is unknown. */
  | { kind: 'no_video_track'; isCertain: boolean }
  /** ffprobe saw no track, or a video without a size. */
  | { kind: 'unclear' };

/** Turns ffprobe's output into facts. It may contain any text, so nothing is assumed. */
export function readFacts(data: FfprobeData, file: FileDetails): FactsFound {
  const videos = data.streams.filter(
    (stream) => stream.codec_type === 'video' && !isPicture(stream),
  );
  const moving = videos.filter((stream) => !isStill(stream));
  const candidates = (moving.length > 0 ? moving : videos)
    .map((stream) => readTrack(stream, data, file))
    .filter(({ facts }) => facts.width > 0 && facts.height > 0);
  const chosen = chooseTrack(candidates);
  if (chosen !== undefined) {
    return { kind: 'video', ...chosen };
  }
  if (videos.length > 0 || data.streams.length === 0) {
    return { kind: 'unclear' };
  }
  const { isCompressed, hasUnknownTrack, videoTracks } = file.moov;
  const pictures = data.streams.filter(isPicture);
  const isAllSeen = !isCompressed && !hasUnknownTrack && videoTracks.length <= pictures.length;
  return { kind: 'no_video_track', isCertain: isAllSeen };
}

type Track = { facts: VideoFacts; isSizeCertain: boolean };

/**
 * It is unknown which of several tracks the API uses, so a file is as good as its best track. If none is acceptable,
 * the longest is reported.
 */
function chooseTrack(tracks: Track[]): Track | undefined {
  const accepted = tracks.find(({ facts }) => judgeVideo(facts, { strictFps: false }).isAccepted);
  return (
    accepted ??
    tracks.reduce<Track | undefined>(
      (longest, track) => (durationOf(track) > durationOf(longest) ? track : longest),
      undefined,
    )
  );
}

function durationOf(track: Track | undefined): number {
  return track === undefined ? -1 : (track.facts.durationS ?? 0);
}

/** Cover art and chapter pictures are streams with a single picture. */
function isPicture(stream: FfprobeStream): boolean {
  const disposition = new Map(Object.entries(stream.disposition ?? {}));
  return ['attached_pic', 'timed_thumbnails'].some((name) => Number(disposition.get(name)) === 1);
}

function isStill(stream: FfprobeStream): boolean {
  return numberOf(stream.nb_frames) === 1;
}

function readTrack(stream: FfprobeStream, data: FfprobeData, file: FileDetails): Track {
  const details = detailsOf(stream, data, file.moov);
  const timing = timingOf(details);
  const isTurned = Math.abs(rotationOf(stream)) % 180 === 90;
  const width = numberOf(stream.width);
  const height = numberOf(stream.height);
  const aspect = ratioOf(stream.sample_aspect_ratio, ':') || 1;
  const isSquare = Math.abs(aspect - 1) < 0.001;
  const facts: VideoFacts = {
    container: containerOf(file.ftyp),
    codec: String(stream.codec_name ?? 'unknown'),
    width: isTurned ? height : width,
    height: isTurned ? width : height,
    ...(isSquare ? {} : { pixelAspectRatio: isTurned ? 1 / aspect : aspect }),
    ...ratesOf(stream, file.moov.isFragmented, timing),
    ...durationsOf(stream, data, { moov: file.moov, details, timing }),
    notes: notesOn(data, file, { stream, details }),
  };
  return { facts, isSizeCertain: isSizeKnown(stream) };
}

const timingOf = (details: VideoTrackDetails | undefined): FrameTiming | null =>
  details?.frames ? describeFrames(details.frames, details.timescale) : null;

type Rates = Pick<VideoFacts, 'fps' | 'usualFps' | 'isVariableFrameRate'>;

/** The file's own tables take precedence: ffprobe's average includes frames of duration 0 and long first frames. */
function ratesOf(stream: FfprobeStream, isFragmented: boolean, timing: FrameTiming | null): Rates {
  return timing === null
    ? { fps: averageRate(stream, isFragmented), isVariableFrameRate: false }
    : { fps: timing.fps, usualFps: timing.usualFps, isVariableFrameRate: timing.isVariable };
}

type Durations = Pick<VideoFacts, 'durationS' | 'containerDurationS' | 'otherDurationsS'>;

/** Two durations closer than this, in seconds, are the same on different clocks. */
const SAME_DURATION_S = 0.002;

/** Builds of ffprobe differ on the duration of a file with edits, so its own boxes also count. */
function durationsOf(
  stream: FfprobeStream,
  data: FfprobeData,
  file: { moov: MoovDetails; details: VideoTrackDetails | undefined; timing: FrameTiming | null },
): Durations {
  const durationS = trackDuration(stream);
  // `mvhd` of a fragmented file covers only the samples in `moov`, of which there may be none.
  const movieDurationS = file.moov.isFragmented ? null : file.moov.durationS;
  const containerDurationS = movieDurationS ?? (numberOf(data.format.duration) || null);
  const others = [file.timing?.durationS, file.details?.editedDurationS].filter(
    (seconds) =>
      typeof seconds === 'number' &&
      [durationS, containerDurationS].every(
        (known) => known === null || Math.abs(known - seconds) > SAME_DURATION_S,
      ),
  ) as number[];
  const otherDurationsS = others.length === 0 ? {} : { otherDurationsS: others };
  return { durationS, containerDurationS, ...otherDurationsS };
}

/**
 * ffprobe knows the pixel format only from the codec's own parameters, in `moov` or in a frame, and those also give
 * the true size.
 */
function isSizeKnown(stream: FfprobeStream): boolean {
  return stream.pix_fmt !== undefined && String(stream.pix_fmt) !== 'unknown';
}

/** For fragmented files ffprobe may average a single fragment and report hundreds of frames per second. */
function averageRate(stream: FfprobeStream, isFragmented: boolean): number {
  const average = ratioOf(stream.avg_frame_rate, '/');
  const real = ratioOf(stream.r_frame_rate, '/');
  return isFragmented && real > 0 ? Math.min(average, real) : average;
}

/** By track id; by order if ids are missing or doubtful. */
function detailsOf(
  stream: FfprobeStream,
  data: FfprobeData,
  moov: MoovDetails,
): VideoTrackDetails | undefined {
  const trackId = Number(stream.id);
  const order = data.streams.filter(({ codec_type }) => codec_type === 'video').indexOf(stream);
  return moov.videoTracks.find((track) => track.trackId === trackId) ?? moov.videoTracks[order];
}

/** A duration of 0 with frames in it means that the file does not say. */
function trackDuration(stream: FfprobeStream): number | null {
  const durationS = numberOf(stream.duration);
  const isEmpty = isNumber(stream.nb_frames) && Number(stream.nb_frames) <= 1;
  return durationS > 0 || (isEmpty && isNumber(stream.duration)) ? durationS : null;
}

function notesOn(
  data: FfprobeData,
  file: FileDetails,
  { stream, details }: { stream: FfprobeStream; details: VideoTrackDetails | undefined },
): Remark[] {
  const videoCount = data.streams.filter(
    (stream) => stream.codec_type === 'video' && !isPicture(stream),
  ).length;
  const notes: Remark[] = [];
  if (videoCount > 1) {
    const message = `the file has ${videoCount} video tracks; the best one was judged`;
    notes.push({ code: 'several_video_tracks', message });
  }
  if (details?.isEncrypted) {
    notes.push({ code: 'encrypted', message: 'the video track is encrypted' });
  } else if (isCodecUnknown(stream)) {
    const name = details?.sampleEntry.replace(/[^\x20-\x7e]/g, '?') ?? '';
    const message = `ffprobe does not know the codec${name === '' ? '' : ` "${name}"`}`;
    notes.push({ code: 'codec_unknown', message });
  }
  if (file.isFileCut) {
    notes.push({ code: 'truncated', message: 'the file is shorter than its header says' });
  }
  return notes;
}

function isCodecUnknown({ codec_name: name }: FfprobeStream): boolean {
  return name === undefined || name === 'unknown' || name === 'none';
}

/** From the major brand: QuickTime has its own, all others are kinds of MP4; the oldest MOV files have none. */
function containerOf(ftyp: Buffer): 'mp4' | 'mov' {
  const brand = ftyp.toString('latin1', 8, 12);
  return brand === '' || brand === 'qt  ' ? 'mov' : 'mp4';
}

/** In degrees; ffprobe prints it from the display matrix, older builds as a tag. */
function rotationOf(stream: FfprobeStream): number {
  return Math.round(numberOf(stream.rotation) || numberOf(stream.tags?.rotate));
}

function ratioOf(text: unknown, separator: string): number {
  const [numerator = '', denominator = ''] = String(text).split(separator);
  const ratio = Number(numerator) / Number(denominator);
  return Number.isFinite(ratio) && ratio > 0 ? ratio : 0;
}

function isNumber(value: unknown): boolean {
  return value !== undefined && value !== null && Number.isFinite(Number(value));
}

function numberOf(value: unknown): number {
  return isNumber(value) ? Number(value) : 0;
}
