import type { Verdict } from './video.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** API page, "The call": only works of the last 30 days. */
const MAX_AGE_DAYS = 30;
const WARNING_DAYS = 2;
export const KLING_MAX_AGE_MS = MAX_AGE_DAYS * DAY_MS;

/**
 * Judges a Kling-made video by its age. The limit is exact: 30 days to the millisecond is accepted. A creation time
 * in the future is left to the API, with a warning.
 */
export function judgeKlingSource(createdAtMs: number, nowMs: number): Verdict {
  const ageDays = (nowMs - createdAtMs) / DAY_MS;
  const rule = `the API takes Kling videos of the last ${MAX_AGE_DAYS} days`;
  const created = `created ${new Date(createdAtMs).toISOString()}`;
  if (ageDays > MAX_AGE_DAYS) {
    const message = `${created}, ${ageDays.toFixed(1)} days ago; ${rule}`;
    return { isAccepted: false, violations: [{ code: 'kling_too_old', message }], warnings: [] };
  }
  if (ageDays >= MAX_AGE_DAYS - WARNING_DAYS) {
    // The text does not name the time left: it would differ at each call, and the report is read
    // later.
    const until = new Date(createdAtMs + KLING_MAX_AGE_MS).toISOString();
    const message = `${created}; ${rule}, so this one until ${until}`;
    return { isAccepted: true, violations: [], warnings: [{ code: 'kling_ages_out', message }] };
  }
  if (ageDays < 0) {
    const message = `${created}, which is in the future`;
    return { isAccepted: true, violations: [], warnings: [{ code: 'kling_in_future', message }] };
  }
  return { isAccepted: true, violations: [], warnings: [] };
}
