import { z } from 'zod';
import type { RequestOptions } from './option.ts';
import { limitOrOff, wholeNumber } from './schemas.ts';

const RATE_RULE = 'Use a number from 0 (no limit) to 10000.';

/** The limits that can be set for all workers at once; null follows their own settings again. */
export const LIMIT_OPTIONS = {
  concurrency: {
    schema: wholeNumber(1, 1_000),
    value: 'calls',
    description: 'calls at once',
    label: 'Calls at once',
  },
  ratePerSecond: {
    schema: z.number(RATE_RULE).min(0, RATE_RULE).max(10_000, RATE_RULE),
    flag: 'rate',
    value: 'calls',
    description: 'calls per second; 0 is no limit',
    label: 'Calls per second',
  },
  sessionsPerDay: {
    schema: limitOrOff(),
    value: 'n',
    description: 'sessions that may be opened in a day, or off for any number',
    label: 'Sessions per day',
  },
} satisfies RequestOptions;
