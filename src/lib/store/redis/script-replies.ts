import { z } from 'zod';
import { BATCH_STATES } from '../../core/batch/batch.ts';
import { GONE } from './batch-script.ts';

/** What the scripts of the batch store answer; each says more in its own head. */

export const openReply = z.union([
  z.tuple([z.enum(['created', 'found']), z.string(), z.string()]),
  z.tuple([z.literal('conflict')]),
]);
export const dispatchReplies = z.tuple([z.record(z.string(), z.string()), z.number(), z.number()]);
export const rowReply = z.union([
  z.tuple([
    z.enum(BATCH_STATES),
    z.string(),
    z.string().nullable(),
    z.string().nullable(),
    z.number(),
  ]),
  z.literal(GONE),
]);
export const stateReply = z.enum(BATCH_STATES).nullable();
export const recordReply = z.union([
  z.tuple([z.literal('recorded'), z.enum(BATCH_STATES), z.string(), z.number()]),
  z.tuple([z.enum(['changed', 'has_outcome'])]),
  z.tuple([z.literal('session_taken'), z.number()]),
  z.literal(GONE),
]);
export const swapReply = z.enum(['swapped', 'changed', 'has_outcome', GONE]);
