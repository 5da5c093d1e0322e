import { ReadError } from '../read-error.ts';

export interface ReadProgress {
  receivedBytes: number;
  /** Null when the server does not say. */
  totalBytes: number | null;
  /** Media data has come, and no `moov` before it. */
  isMediaFirst: boolean;
  /** The server serves no ranges. */
  isRangeless: boolean;
}

export const newProgress = (): ReadProgress => ({
  receivedBytes: 0,
  totalBytes: null,
  isMediaFirst: false,
  isRangeless: false,
});

/** Adds to a time-out how far reading got, and how to make it shorter. Other errors are returned unchanged. */
export function explainTimeout<Thrown>(error: Thrown, progress: ReadProgress): Thrown | ReadError {
  const isTimeout = error instanceof ReadError && error.failure.code === 'timeout';
  if (!isTimeout || progress.receivedBytes === 0) {
    return error;
  }
  const total = progress.totalBytes === null ? '' : ` of ${inMegabytes(progress.totalBytes)}`;
  const came = `${error.failure.message}: ${inMegabytes(progress.receivedBytes)}${total} MB came`;
  const message = progress.isRangeless ? `${came}; ${adviceOn(progress)}` : came;
  return new ReadError('timeout', message, { isRetryable: true, cause: error });
}

function adviceOn({ isMediaFirst }: ReadProgress): string {
  return isMediaFirst
    ? 'the server serves no ranges, and the moov box, which describes the video, is at the end: put it first ' +
        '(`ffmpeg -i in.mp4 -c copy -movflags +faststart out.mp4`), or serve the file with ranges'
    : 'the server serves no ranges, so the file is read from the front';
}

const inMegabytes = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 1e5 ? 2 : 1);
