/** How long a run tries to read a manifest whose server is out of order. */
const MANIFEST_PATIENCE_MS = 600_000;
const FIRST_PAUSE_MS = 10_000;

/**
 * The pause before a manifest is asked for again, `takenMs` after the run has begun: each as long as all before it, so that
 * a server which comes back is not met by many. Null when it is given up.
 */
export function decideManifestRetry(takenMs: number): number | null {
  if (takenMs >= MANIFEST_PATIENCE_MS) return null;
  return Math.min(Math.max(takenMs, FIRST_PAUSE_MS), MANIFEST_PATIENCE_MS - takenMs);
}
