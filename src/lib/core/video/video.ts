/** One line of a verdict: a stable code for programs, a sentence for people. */
export interface Remark {
  /** Stable, snake_case, for example `duration_gap`. */
  code: string;
  /** Value found and rule, for example `duration 6.20 s; the API takes 2–5.5 s or 7–10.5 s`. */
  message: string;
}

/** What the probe read from a video's header. Judged by `judgeVideo`; nothing here is an opinion. */
export interface VideoFacts {
  /** Container as the file says it: `mp4` or `mov` (from `ftyp`; a file without `ftyp` is `mov`). */
  container: 'mp4' | 'mov';
  codec: string;
  /** Size in px with rotation applied, as a player shows it, but with pixels counted as they are stored. */
  width: number;
  height: number;
  /** Width of a pixel divided by its height, after rotation; left out when pixels are square. */
  pixelAspectRatio?: number;
  /** Average frames per second of the video track; 0 when the file does not tell. */
  fps: number;
  /** Frames per second at the commonest frame duration; left out when the file's tables do not tell. */
  usualFps?: number;
  /** True when frame durations differ noticeably within the track. */
  isVariableFrameRate: boolean;
  /** Duration of the video track in seconds; null when the file does not tell. */
  durationS: number | null;
  /** Duration of the whole container in seconds, when it says one. */
  containerDurationS: number | null;
  /** What else the header says about the duration, in seconds: all stored frames, all edits. Left out when nothing. */
  otherDurationsS?: number[];
  /** Things worth telling the user that no rule of the API forbids (several video tracks, encrypted …). */
  notes: Remark[];
}

/** What the program thinks of a video. `violations` is complete, not only the first. */
export interface Verdict {
  isAccepted: boolean;
  violations: Remark[];
  warnings: Remark[];
}
