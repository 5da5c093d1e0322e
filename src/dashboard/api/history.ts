import type { z } from 'zod';
import type { HistoryEntry } from '../../lib/store/batch-steering.ts';
import { pageHistory, parseHistoryPlace } from '../read/page-history.ts';
import { answerWith, type Reply, refuseWith } from './api-route.ts';
import type { HistoryView } from './api-schemas.ts';
import { pageQuery } from './paging.ts';

export const historyQuery = pageQuery(parseHistoryPlace);

export function answerWithHistory(
  history: readonly HistoryEntry[],
  query: z.output<typeof historyQuery>,
): Reply<HistoryView> {
  const page = pageHistory(history, query);
  if (page !== null) return answerWith(page);
  const sentence = 'This history has no line with this `after`. Begin without `after`.';
  return refuseWith({ kind: 'unusable', sentence });
}
