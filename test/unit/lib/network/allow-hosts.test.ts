import { describe, expect, test } from 'vitest';
import {
  hostOf,
  isAddressAllowed,
  isHostAllowed,
  parseAllowHosts,
} from '../../../../src/lib/network/allow-hosts.ts';

describe('hosts', () => {
  test.each([
    ['a host, any port', 'media.example', 'http://media.example:81/', true],
    ['another case', 'Media.Example', 'http://media.EXAMPLE/', true],
    ['a final dot', 'media.example', 'http://media.example./', true],
    ['another host', 'media.example', 'http://example/', false],
    ['no subdomain', 'media.example', 'http://a.media.example/', false],
    ['its port', 'media.example:9000', 'http://media.example:9000/', true],
    ['another port', 'media.example:9000', 'http://media.example/', false],
    ['the default port', 'media.example:443', 'https://media.example/', true],
    ['an address', '127.0.0.1', 'http://127.0.0.1:8080/', true],
    ['an address in another spelling', '127.0.0.1', 'http://2130706433/', true],
    ['an IPv6 address', '::1', 'http://[::1]/', true],
    ['an IPv6 address in brackets', '[::1]', 'http://[0:0::1]:3000/', true],
    ['an IPv6 address with its port', '[::1]:3000', 'http://[::1]:3000/', true],
    ['an IPv6 address with another port', '[::1]:3000', 'http://[::1]:3001/', false],
    ['one of several', 'a.example, b.example ,c.example', 'http://b.example/', true],
    ['an empty list', '', 'http://a.example/', false],
  ])('%s', (_sentence, list, href, expected) => {
    const url = new URL(href);
    const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
    expect(isHostAllowed(parseAllowHosts(list), hostOf(url), port)).toBe(expected);
  });
});

describe('ranges', () => {
  test.each([
    ['10.0.0.0/8', '10.1.2.3', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['fd00::/8', 'fd12::1', true],
    ['fd00::/8', '10.0.0.1', false],
    ['0.0.0.0/0', '127.0.0.1', true],
  ])('the range %s holds %s: %s', (list, address, expected) => {
    expect(isAddressAllowed(parseAllowHosts(list), address)).toBe(expected);
  });
});

test.each([
  'a b',
  'http://x.example',
  '10.0.0.0/33',
  'x.example:0',
  'x.example:99999',
  'x:y',
  '[::1',
  '@x',
])('the range "%s" cannot be read', (entry) => {
  expect(() => parseAllowHosts(`fine.example, ${entry}`)).toThrow(`cannot read "${entry}"`);
});
