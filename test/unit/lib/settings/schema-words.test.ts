import { expect, test } from 'vitest';
import { z } from 'zod';
import { sayWhatIsWanted } from '../../../../src/lib/settings/schema-words.ts';

test.each<[schema: z.ZodType, value: unknown, words: string]>([
  [z.string(), undefined, 'is missing'],
  [z.string(), 7, 'must be text in quotes'],
  [z.int(), 1.5, 'must be a whole number'],
  [z.int(), '1', 'must be a number'],
  [z.number(), null, 'must be a number'],
  [z.array(z.string()), {}, 'must be a list'],
  [z.strictObject({}), [], 'must be an object'],
  [z.record(z.string(), z.string()), 1, 'must be an object'],
  [z.enum(['viewer', 'operator']), 'admin', 'must be "viewer" or "operator"'],
  [z.literal(true), false, 'must be true'],
  [z.strictObject({}), { sed: 1 }, '"sed" is not known here'],
  [z.strictObject({}), { sed: 1, seat: 2 }, '"sed", "seat" are not known here'],
  [z.number().min(0), -1, 'must be at least 0'],
  [z.number().max(1), 2, 'must be at most 1'],
  [z.string().min(1), '', 'must have a length of at least 1'],
  [z.array(z.int()).min(1), [], 'must have a length of at least 1'],
  [z.url(), 'x', 'has the wrong form'],
  [z.string().regex(/a/, 'must have an a'), 'b', 'must have an a'],
])('a value of the wrong kind is reported in plain words (%#)', (schema, value, words) => {
  const parsed = schema.safeParse(value, { error: sayWhatIsWanted });
  expect(parsed.error?.issues.map(({ message }) => message)).toEqual([words]);
});
