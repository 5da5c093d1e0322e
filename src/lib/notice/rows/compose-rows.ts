import { z } from 'zod';
import { formatPosition } from '../../core/feed/position.ts';
import { formatRows } from '../../core/in-words.ts';
import { redactUrls } from '../../core/redact-url.ts';
import { OUTCOME_STATUSES, PENDING_STATES } from '../../core/row/row.ts';
import { toKlingValues } from '../../report/kling-values.ts';
import type { Result } from '../../results/read-results.ts';
import { createKeyReader, keyText } from '../../rows/row-key.ts';

/** Rows of one request. */
export const ROWS_AT_ONCE = 500;
/** Longest text of a row; more is cut, so that a request is bounded. */
const LONGEST_TEXT = 300;

const time = z.iso.datetime();
const text = z.string().nullable();

const rowNews = z.object({
  position: z.string(),
  batch: z.string(),
  row: z.int(),
  key: text,
  status: z.enum([...PENDING_STATES, ...OUTCOME_STATUSES]),
  sessionId: text,
  expiresAt: time.nullable(),
  /** The row is sent because its session has expired. */
  isExpired: z.boolean(),
  errorCode: text,
  error: text,
  finishedAt: time.nullable(),
});
type RowNews = z.infer<typeof rowNews>;

/** The body described in `docs/notices.md`, "Rows". */
export const rowsBody = z.object({
  version: z.literal(1),
  type: z.literal('rows.changed'),
  timestamp: time,
  data: z.object({ sentence: z.string(), rows: z.array(rowNews).min(1).max(ROWS_AT_ONCE) }),
});
type RowsBody = z.infer<typeof rowsBody>;

/** A request with these rows, at least one. `id` is the same for the same rows of the same feed. */
export function composeRows(
  rows: readonly Result[],
  { feedId, nowMs }: { feedId: string; nowMs: number },
): { id: string; body: string } {
  const news = rows.map(describeRow);
  const [first, last] = [news[0]?.position ?? '', news.at(-1)?.position ?? ''];
  const body: RowsBody = {
    version: 1,
    type: 'rows.changed',
    timestamp: new Date(nowMs).toISOString(),
    data: { sentence: `${formatRows(rows.length)} changed.`, rows: news },
  };
  return { id: `rows-${feedId}-${first}-${last}`, body: JSON.stringify(body) };
}

/** The user's own cells stay here: they may hold signed addresses. */
function describeRow({ position, batch, entry, isExpired }: Result): RowNews {
  const { row } = entry.row;
  const values = toKlingValues(entry, batch.shape);
  const key = batch.key && createKeyReader(batch.shape, batch.key)(entry.row);
  return {
    position: formatPosition(position),
    batch: batch.id,
    row,
    key: key && cut(keyText(key)),
    status: values.kling_status as RowNews['status'],
    sessionId: textOf(values.kling_session_id),
    expiresAt: textOf(values.kling_expires_at),
    isExpired,
    errorCode: clean(values.kling_error_code),
    error: clean(values.kling_error),
    finishedAt:
      typeof entry.result === 'string' ? null : new Date(entry.result.finishedAtMs).toISOString(),
  };
}

const textOf = (value: string | number | null): string | null =>
  value === null ? null : String(value);

const clean = (value: string | number | null): string | null =>
  value === null ? null : cut(redactUrls(String(value)));

const cut = (value: string): string =>
  value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT - 1)}…` : value;
