import type { ManifestRow, ManifestShape, RowProblem } from '../lib/core/manifest/manifest.ts';
import { showValue } from '../lib/core/manifest/show-value.ts';
import { expiresAtOfUrl } from '../lib/core/manifest/signatures/url-expiry.ts';
import type { Source } from '../lib/core/manifest/source.ts';
import { KLING_MAX_AGE_MS } from '../lib/core/video/judge-kling-source.ts';

/** Not a defect of the row: it is still tried. */
interface DeadlineProblem extends Omit<RowProblem, 'code'> {
  code: 'url_expired' | 'url_expires_early' | 'kling_too_old' | 'kling_ages_out';
}

export interface Deadline {
  atMs: number;
  /** The message when the time has passed, or will have passed by the row's turn. */
  problem(when: 'ended' | 'will_end'): DeadlineProblem;
}

/** Until when a row's video can be used, according to the row itself; null when it does not say. */
export function findDeadline(
  shape: ManifestShape,
  row: ManifestRow,
  source: Source,
): Deadline | null {
  return source.kind === 'url'
    ? deadlineOfUrl(shape, row, source.videoUrl)
    : deadlineOfKling(shape, row, source.createdAtMs);
}

function deadlineOfUrl(shape: ManifestShape, row: ManifestRow, url: string): Deadline | null {
  const atMs = expiresAtOfUrl(url);
  if (atMs === null) return null;
  const column = shape.roles.video_url;
  const at = new Date(atMs).toISOString();
  const says = {
    ended: `the address expired at ${at}; sign it again`,
    will_end: `the address expires at ${at}, probably before its turn; sign it for longer, or move the row up`,
  };
  return {
    atMs,
    problem: (when) => ({
      code: when === 'ended' ? 'url_expired' : 'url_expires_early',
      column,
      value: showValue(url),
      message: `Line ${row.line}, column "${column}": ${says[when]}.`,
    }),
  };
}

function deadlineOfKling(
  shape: ManifestShape,
  row: ManifestRow,
  createdAtMs: number | undefined,
): Deadline | null {
  if (createdAtMs === undefined) return null;
  const column = shape.roles.video_created_at;
  const created = new Date(createdAtMs).toISOString();
  const rule = 'the API takes Kling videos of the last 30 days';
  const says = {
    ended: `created ${created}; ${rule}`,
    will_end: `created ${created}, so probably too old by its turn; ${rule}, so move the row up`,
  };
  return {
    atMs: createdAtMs + KLING_MAX_AGE_MS,
    problem: (when) => ({
      code: when === 'ended' ? 'kling_too_old' : 'kling_ages_out',
      column,
      value: created,
      message: `Line ${row.line}, column "${column}": ${says[when]}.`,
    }),
  };
}
