import { describe, expect, test } from 'vitest';
import {
  parseRedisAddress,
  type RedisAddress,
  redactRedisUrl,
} from '../../../../src/lib/redis/address.ts';

describe('parseRedisAddress', () => {
  test.each<[string, RedisAddress]>([
    [
      'redis://queue:6380/2',
      {
        kind: 'server',
        node: { host: 'queue', port: 6380 },
        database: 2,
        credentials: {},
        isEncrypted: false,
      },
    ],
    [
      'rediss://app@queue?db=3',
      {
        kind: 'server',
        node: { host: 'queue', port: 6379 },
        database: 3,
        credentials: { username: 'app' },
        isEncrypted: true,
      },
    ],
    [
      'redis://:pa%2Fss%25@[2001:db8::1]:6380',
      {
        kind: 'server',
        node: { host: '2001:db8::1', port: 6380 },
        database: 0,
        credentials: { password: 'pa/ss%' },
        isEncrypted: false,
      },
    ],
    [
      'unix://:p%40ss@localhost/var/run/redis.sock?db=4',
      {
        kind: 'socket',
        path: '/var/run/redis.sock',
        database: 4,
        credentials: { password: 'p@ss' },
      },
    ],
    [
      'redis+cluster://a:7000,[::1]:7001,c',
      {
        kind: 'cluster',
        nodes: [
          { host: 'a', port: 7000 },
          { host: '::1', port: 7001 },
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
      'redis+sentinel://:secret@s1,[fe80::2]:26380/main/3',
      {
        kind: 'sentinel',
        nodes: [
          { host: 's1', port: 26379 },
          { host: 'fe80::2', port: 26380 },
        ],
        credentials: { password: 'secret' },
        isEncrypted: false,
        name: 'main',
        database: 3,
      },
    ],
  ])('an address of Redis may be %s', (text, address) => {
    expect(parseRedisAddress(text)).toEqual({ ok: true, address });
  });

  test.each([
    ['queue:6379', 'must be redis://'],
    ['http://queue', 'must be redis://'],
    ['redis://queue/abc', 'database by a number'],
    ['redis://queue/-1', 'database by a number'],
    ['unix://localhost/run/redis.sock?db=x', 'database by a number'],
    ['redis://queue?database=1', 'unknown option'],
    ['redis://a,b', 'redis+cluster:// or redis+sentinel://'],
    ['redis://queue:0', 'ports from 1'],
    ['redis://::1:6379', '[IPv6 address]:port'],
    ['redis+cluster://', 'each server'],
    ['redis+cluster://a:7000,,b:7001', 'each server'],
    ['redis+cluster://a:70000', 'ports from 1 to 65535'],
    ['redis+cluster://a:7000/1', 'a cluster has none'],
    ['redis+sentinel://s1:26379', "the primary's name"],
    ['redis+sentinel://s1:26379/main/one', 'database by a number'],
    ['redis://:100%@queue', '% itself as %25'],
    ['redis://:pa/ss@queue', '/ as %2F'],
    ['redis://app:12/ss@queue', '/ as %2F'],
    ['redis://app:pa#ss@queue', '# as %23'],
    ['redis+cluster://app:pa?ss@queue', '? as %3F'],
    ['redis://queue#0', 'must be redis://'],
    ['unix://:pa/ss@localhost/run/redis.sock', '/ as %2F'],
    ['unix://app:pa#ss@localhost/run/redis.sock', '# as %23'],
    ['unix://run/redis.sock', 'unix:///run/redis.sock'],
  ])('the address %s is refused with what to change: %s', (text, words) => {
    expect(parseRedisAddress(text)).toEqual({
      ok: false,
      problem: expect.stringContaining(words),
    });
  });
});

test.each([
  ['redis://app:secret@queue:6379/1', 'redis://queue:6379/1'],
  ['redis+sentinel://:secret@s1,s2/main', 'redis+sentinel://s1,s2/main'],
  ['unix://:secret@localhost/a@b/redis.sock', 'unix://localhost/a@b/redis.sock'],
  ['unix:///a@b/redis.sock', 'unix:///a@b/redis.sock'],
  ['redis://queue?password=secret', 'redis://queue'],
  ['redis://:sec/ret@queue:6379', 'redis://queue:6379'],
  ['redis://app:12/sec@ret@queue', 'redis://queue'],
  ['redis://:sec#ret@queue', 'redis://queue'],
  ['redis://:sec?ret@queue', 'redis://queue'],
])('the address %s is shown as %s', (url, shown) => {
  expect(redactRedisUrl(url)).toBe(shown);
});
