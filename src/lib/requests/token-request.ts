import { z } from 'zod';
import { TOKEN_NAME, TOKEN_SCOPES } from '../tokens/api-token.ts';
import type { RequestOptions } from './option.ts';
import { choice, duration, wholeNumber } from './schemas.ts';

const NAME_RULE = 'Use 1 to 40 letters, digits, dots and dashes, such as ci.';
const SHORTEST_LIFE_MS = 60_000;
const LONGEST_LIFE_MS = 3_650 * 86_400_000;

/** What can be asked of a new token. */
export const TOKEN_OPTIONS = {
  name: {
    schema: z.string(NAME_RULE).regex(TOKEN_NAME, NAME_RULE),
    isRequired: true,
    value: 'name',
    description: 'a unique name, which histories show',
    label: 'Name',
    hint: 'ci',
  },
  scope: {
    schema: choice(TOKEN_SCOPES),
    isRequired: true,
    value: 'scope',
    description:
      'read: sees everything and changes nothing; operate: may do everything that the API offers',
    label: 'Scope',
  },
  expires: {
    schema: duration(
      'Use a duration from 1m to 3650d, such as 90d.',
      LONGEST_LIFE_MS,
      SHORTEST_LIFE_MS,
    ),
    value: 'duration',
    description: 'how long it is valid; without it, until it is revoked',
    label: 'Valid for',
    hint: 'until it is revoked',
  },
  perMinute: {
    schema: wholeNumber(1, 100_000),
    default: 600,
    value: 'n',
    description: 'requests that it may make in a minute',
    label: 'Requests per minute',
  },
} satisfies RequestOptions;
