/** How long a run keeps trying to read a manifest from a failing server. */
const MANIFEST_PATIENCE_MS = 600_000;
const FIRST_PAUSE_MS = 10_000;

/**
 * The pause before the next try to read a manifest, `takenMs` after the run began. Each pause is as long as all
 * before it, so that a recovering server does not get many requests. Null when the run gives up.
 */
export function decideManifestRetry(takenMs: number): number | null {
  if (takenMs >= MANIFEST_PATIENCE_MS) return null;
  return Math.min(Math.max(takenMs, FIRST_PAUSE_MS), MANIFEST_PATIENCE_MS - takenMs);
}
