/** One line of a verdict: a stable code for programs, a sentence for people. */
export interface Remark {
  /** Stable, snake_case, for example `duration_gap`. */
  code: string;
  /** The value and the rule, for example `duration 6.20 s; the API takes 2–5.5 s or 7–10.5 s`. */
  message: string;
}

/** What the probe read from a video's header, without any judgement; `judgeVideo` judges it. */
export interface VideoFacts {
  /** The container that the file names: `mp4` or `mov` (from `ftyp`; a file without `ftyp` is `mov`). */
  container: 'mp4' | 'mov';
  codec: string;
  /** Size in px after rotation, as a player shows it, but with pixels counted as they are stored. */
  width: number;
  height: number;
  /** Width of a pixel divided by its height, after rotation; left out for square pixels. */
  pixelAspectRatio?: number;
  /** Average frames per second of the video track; 0 when the file does not say. */
  fps: number;
  /** Frames per second at the most common frame duration; left out when the file's tables do not say. */
  usualFps?: number;
  /** True when frame durations differ noticeably within the track. */
  isVariableFrameRate: boolean;
  /** Duration of the video track in seconds; null when the file does not say. */
  durationS: number | null;
  /** Duration of the whole container in seconds, if it states one. */
  containerDurationS: number | null;
  /** Other durations in the header, in seconds: all stored frames, all edits. Left out when there are none. */
  otherDurationsS?: number[];
  /** Remarks for the user about things that no rule of the API forbids (several video tracks, encrypted …). */
  notes: Remark[];
}

/** The judgement of a video. `violations` is complete, not only the first. */
export interface Verdict {
  isAccepted: boolean;
  violations: Remark[];
  warnings: Remark[];
}
