import { describe, expect, test } from 'vitest';
import { isTrusted, parseTrustedProxies } from '../../../../src/lib/network/trusted-proxies.ts';

describe('trusted proxy', () => {
  test.each([
    ['yes', '203.0.113.9', true],
    ['no', '127.0.0.1', false],
    ['10.0.0.5', '10.0.0.5', true],
    ['10.0.0.5', '::ffff:10.0.0.5', true],
    ['10.0.0.5', '10.0.0.50', false],
    ['10.0.0.5, 192.168.0.0/24', '192.168.0.77', true],
    ['::1', '::1', true],
    ['2001:db8::/32', '2001:db8:1::9', true],
    ['2001:db8::/32', '', false],
  ])('the list %s says whether %s is a trusted proxy: %s', (given, address, expected) => {
    expect(isTrusted(parseTrustedProxies(given), address)).toBe(expected);
  });

  test.each(['', 'proxy.example', '10.0.0.5,', '10.0.0.0/40', 'yes,10.0.0.5', '10.1'])(
    'a trusted proxy cannot be "%s"',
    (given) => {
      expect(() => parseTrustedProxies(given)).toThrow('must be yes, no, or addresses and ranges');
    },
  );
});
