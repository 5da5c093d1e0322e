import type { VideoFacts } from '../core/video/video.ts';

/** Why a video could not be read. This is never "rejected", which is reserved for what is certain. */
export interface ReadFailure {
  /**
   * Stable, snake_case, for example `http_404`, `dns`, `tls`, `timeout`, `truncated`, `not_a_video`,
   * `address_refused`, `url_expired`, `too_large`, `ffprobe_crashed`.
   */
  code: string;
  /** One sentence for the report, without credentials or signed query strings. */
  message: string;
  /** Whether a retry can help (time-outs, resets, 5xx, 429 yes; 404, 403, bad file no). */
  isRetryable: boolean;
}

/** What a probe cost: for metrics and benchmarks. */
export interface ProbeCost {
  durationMs: number;
  requests: number;
  bytesRead: number;
}

export type ProbeResult =
  | { kind: 'video'; facts: VideoFacts; cost: ProbeCost }
  /** A different container under a wrong name (`webm`, `avi`, `mpegts` …): certain, so a rejection. */
  | { kind: 'other_container'; container: string; cost: ProbeCost }
  /** A readable MP4/MOV without any video track: certain, so a rejection. */
  | { kind: 'no_video_track'; cost: ProbeCost }
  | { kind: 'unreadable'; failure: ReadFailure; cost: ProbeCost };

/** Reads a video's header. Never rejects, except when `signal` is aborted; may run twice. */
export interface Prober {
  probe(videoUrl: string, options: { signal: AbortSignal }): Promise<ProbeResult>;
}
