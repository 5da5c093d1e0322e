import type { z } from 'zod';

/**
 * What a value must be, in this program's words. Pass it as `error` to `safeParse`, which otherwise uses the
 * library's words. A schema's own messages take precedence.
 */
export function sayWhatIsWanted(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${nameType(issue.expected)}`;
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'unrecognized_keys':
      return `${list(issue.keys)} ${issue.keys.length === 1 ? 'is' : 'are'} not known here`;
    case 'too_small':
      return `must ${measure(issue.origin)} at least ${issue.minimum}`;
    case 'too_big':
      return `must ${measure(issue.origin)} at most ${issue.maximum}`;
    default:
      return 'has the wrong form';
  }
}

const TYPES: Record<string, string> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text in quotes',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

const nameType = (expected: string): string => TYPES[expected] ?? 'a value of another kind';

const list = (keys: readonly string[]): string => keys.map((key) => `"${key}"`).join(', ');

/** Numbers are compared directly, texts and lists by their length. */
function measure(origin: string): string {
  return origin === 'string' || origin === 'array' ? 'have a length of' : 'be';
}
