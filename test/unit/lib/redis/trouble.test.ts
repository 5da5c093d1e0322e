import { expect, test } from 'vitest';
import {
  explainRedisTrouble,
  isMissingRight,
  isRedisTrouble,
} from '../../../../src/lib/redis/trouble.ts';

const reply = (message: string, previousErrors?: Error[]): Error =>
  Object.assign(new Error(message), {
    name: 'ReplyError',
    ...(previousErrors && { previousErrors }),
  });

// The wording of Redis 7.0, of 7.0 within a script, and of later versions within a script.
const MISSING_RIGHTS = [
  "NOPERM this user has no permissions to run the 'publish' command",
  `ERR The user executing the script can't publish to the channel mentioned in the command script: ${'0a'.repeat(20)}, on @user_script:1.`,
  `NOPERM User app has no permissions to run the 'hset' command script: ${'0a'.repeat(20)}, on @user_script:3.`,
];

test.each(MISSING_RIGHTS)(
  'the error "%s" is a missing right, and its sentence names the page',
  (text) => {
    expect(isMissingRight(reply(text))).toBe(true);
    expect(explainRedisTrouble(reply(text))).toMatch(
      /^Redis refuses this user a right: .*Rights in Redis/,
    );
    expect(explainRedisTrouble(reply(text))).not.toContain('user_script');
  },
);

test.each<[string, Error, boolean]>([
  ['a replica passes when the primary is back', reply("READONLY You can't write."), true],
  [
    'so does a full server, also from within a script before Redis 7',
    reply('ERR Error running script (call to f_1): @user_script:1: -OOM command not allowed'),
    true,
  ],
  [
    'so does a script that a new primary does not have yet',
    reply('NOSCRIPT No matching script. Please use EVAL.'),
    true,
  ],
  ['a mistake in a command does not', reply('ERR wrong number of arguments'), false],
  ['a lost connection passes', new Error('Connection is closed.'), true],
  [
    'so does one on which nothing was heard',
    new Error("Socket timeout. Expecting data, but didn't receive any in 20000ms."),
    true,
  ],
  ...['MOVED 866 127.0.0.1:7001', 'ASK 866 127.0.0.1:7001', 'CLUSTERDOWN The cluster is down'].map(
    (text): [string, Error, boolean] => [`so does ${text}`, reply(text), true],
  ),
  ...[
    'Too many Cluster redirections. Last error: ReplyError: MOVED 866 127.0.0.1:7001',
    'Failed to refresh slots cache.',
    'All sentinels are unreachable. Retrying from scratch after 100ms.',
    'Command aborted due to connection close',
  ].map((text): [string, Error, boolean] => [`so does "${text}"`, new Error(text), true]),
  ...MISSING_RIGHTS.map((text): [string, Error, boolean] => [
    `so does "${text}"`,
    reply(text),
    true,
  ]),
  ['an error of ours does not', new Error('chunk 3 is missing'), false],
])('%s', (_, error, isPassing) => {
  expect(isRedisTrouble(error)).toBe(isPassing);
});

test.each<[string, Error, string]>([
  [
    'a transaction is explained by the command in it that was refused',
    reply('EXECABORT Transaction discarded because of previous errors.', [
      reply("READONLY You can't write against a read only replica."),
    ]),
    "Redis failed: READONLY You can't write against a read only replica. This server is a replica; point REDIS_URL to the primary.",
  ],
  [
    'a full server needs memory',
    reply("OOM command not allowed when used memory > 'maxmemory'."),
    "Redis failed: OOM command not allowed when used memory > 'maxmemory'. It is full: raise its maxmemory or remove batches, then repeat the command.",
  ],
  [
    'the line of the script is left out',
    reply(
      `MISCONF Errors writing to the AOF file: No space left on device script: ${'0a'.repeat(20)}, on @user_script:217.`,
    ),
    'Redis failed: MISCONF Errors writing to the AOF file: No space left on device. Its disk may be full; see the log of the server, then repeat the command.',
  ],
  [
    'the line is left out even if Valkey 9.1 omits the digest',
    reply('OOM command not allowed. script: on @user_script:12.'),
    'Redis failed: OOM command not allowed. It is full: raise its maxmemory or remove batches, then repeat the command.',
  ],
  [
    'a primary without a replica says that it waits for one',
    reply('NOREPLICAS Not enough good replicas to write. script: on @user_script:324.'),
    'Redis failed: NOREPLICAS Not enough good replicas to write. Too few replicas follow it (min-replicas-to-write), as during a failover; try again in a moment.',
  ],
  [
    'trouble that passes by itself is retried',
    new Error('Connection is closed.'),
    'Redis failed: Connection is closed. Try again.',
  ],
  [
    'a client that has given up is not explained by its own setting',
    Object.assign(new Error('Reached the max retries per request limit (which is 1).'), {
      name: 'MaxRetriesPerRequestError',
    }),
    'Redis failed: it cannot be reached. Try again.',
  ],
])('%s', (_, error, sentence) => {
  expect(explainRedisTrouble(error)).toBe(sentence);
});
