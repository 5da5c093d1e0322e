import { describe, expect, test } from 'vitest';
import { parseRedisAddress, redactRedisUrl } from '../../../../src/lib/redis/address.ts';

describe('parseRedisAddress', () => {
  test.each([
    ['redis://queue:6380/2', { kind: 'server', url: 'redis://queue:6380/2' }],
    [
      'unix://:p%40ss@localhost/var/run/redis.sock',
      { kind: 'socket', path: '/var/run/redis.sock', credentials: { password: 'p@ss' } },
    ],
    [
      'redis+cluster://a:7000,b:7001,c',
      {
        kind: 'cluster',
        nodes: [
          { host: 'a', port: 7000 },
          { host: 'b', port: 7001 },
          { host: 'c', port: 6379 },
        ],
        credentials: {},
        isEncrypted: false,
      },
    ],
    [
      'rediss+cluster://app:se%3Acret@10.0.0.1:7000/',
      {
        kind: 'cluster',
        nodes: [{ host: '10.0.0.1', port: 7000 }],
        credentials: { username: 'app', password: 'se:cret' },
        isEncrypted: true,
      },
    ],
    [
      'redis+sentinel://:secret@s1,s2:26380/main/3',
      {
        kind: 'sentinel',
        nodes: [
          { host: 's1', port: 26379 },
          { host: 's2', port: 26380 },
        ],
        credentials: { password: 'secret' },
        isEncrypted: false,
        name: 'main',
        database: 3,
      },
    ],
  ])('understands %s', (text, address) => {
    expect(parseRedisAddress(text)).toEqual(address);
  });

  test.each([
    ['queue:6379', 'no scheme'],
    ['http://queue', 'another protocol'],
    ['redis+cluster://', 'no node'],
    ['redis+cluster://a:7000,,b:7001', 'an empty node'],
    ['redis+cluster://a:70000', 'no such port'],
    ['redis+cluster://a:7000/1', 'a cluster has no databases'],
    ['redis+sentinel://s1:26379', 'the name of the primary is missing'],
    ['redis+sentinel://s1:26379/main/one', 'a database is a number'],
  ])('refuses %s: %s', (text) => {
    expect(parseRedisAddress(text)).toBeNull();
  });
});

test.each([
  ['redis://app:secret@queue:6379/1', 'redis://queue:6379/1'],
  ['redis+sentinel://:secret@s1,s2/main', 'redis+sentinel://s1,s2/main'],
  ['unix://:secret@localhost/a@b/redis.sock', 'unix://localhost/a@b/redis.sock'],
  ['redis://queue?password=secret', 'redis://queue'],
])('%s is shown as %s', (url, shown) => {
  expect(redactRedisUrl(url)).toBe(shown);
});
