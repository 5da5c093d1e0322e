import { z } from 'zod';
import type { HistoryEntry } from '../../batch-steering.ts';
import { storedJson } from './stored-json.ts';

const stored = storedJson<HistoryEntry>(
  'A line of a history',
  z.object({
    atMs: z.number().int().min(0).max(8.64e15),
    who: z.string(),
    what: z.string(),
    reason: z.string().nullable(),
  }),
);

export const writeHistoryEntry = stored.write;

/** An unreadable entry stays a line of the history, which says so. */
export const readHistoryEntry = (text: string): HistoryEntry =>
  stored.tryRead(text) ?? { atMs: 0, who: '?', what: 'this line cannot be read', reason: null };
