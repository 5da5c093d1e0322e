/** A request for a sample video, and how to serve it. */
export interface VideoRequest {
  /** Path below the videos' folder; not yet checked to stay inside it. */
  file: string;
  /** Delay before the answer. */
  delayMs: number;
  /** False: like a server without byte ranges. */
  hasRanges: boolean;
  /** False: chunked, and therefore without ranges, too. */
  hasLength: boolean;
  /** Answer first with a redirect to the same file. */
  isRedirect: boolean;
}

/**
 * Parses what follows `/videos/`: any of `slow/<ms>/`, `no-ranges/`, `no-length/` and `redirect/`, in any order, then
 * the file.
 */
export function parseVideoPath(path: string): VideoRequest {
  const request = { delayMs: 0, hasRanges: true, hasLength: true, isRedirect: false };
  const segments = path.split('/');
  for (;;) {
    const [manner, value] = segments;
    if (manner === 'slow' && /^\d{1,6}$/.test(value ?? '')) {
      request.delayMs = Number(value);
      segments.shift();
    } else if (manner === 'no-ranges') request.hasRanges = false;
    else if (manner === 'no-length') request.hasLength = false;
    else if (manner === 'redirect') request.isRedirect = true;
    else return { ...request, file: segments.join('/') };
    segments.shift();
  }
}
