import { describe, expect, test } from 'vitest';
import { proxyFinder } from '../../../../src/lib/network/find-proxy.ts';

const HTTPS = 'http://secure.example:3128';
const HTTP = 'http://plain.example:3128';
const proxyOf = (url: string, except = ''): string | undefined =>
  proxyFinder({ https: HTTPS, http: HTTP, except })(new URL(url))?.href;

test('an address goes through the proxy of its scheme, or none', () => {
  expect(proxyOf('https://api.example/')).toBe(`${HTTPS}/`);
  expect(proxyOf('http://api.example/')).toBe(`${HTTP}/`);
  const onlyHttps = proxyFinder({ https: HTTPS, http: undefined, except: '' });
  expect(onlyHttps(new URL('http://api.example/'))).toBeNull();
});

describe('NO_PROXY', () => {
  test.each([
    ['*', 'https://api.example'],
    ['api.example', 'https://api.example'],
    ['API.Example', 'https://api.example'],
    ['example', 'https://api.example'],
    ['.example', 'https://api.example'],
    ['*.example', 'https://api.example'],
    ['a.test, api.example', 'https://api.example'],
    ['a.test api.example', 'https://api.example'],
    ['api.example:443', 'https://api.example'],
    ['api.example:80', 'http://api.example'],
    ['api.example:8443', 'https://api.example:8443'],
    ['api.example', 'https://api.example.:8443'],
    ['localhost', 'http://localhost:4000'],
    ['10.0.0.0/8', 'http://10.1.2.3'],
    ['10.1.2.3', 'http://10.1.2.3:8080'],
    ['10.1.2.3:8080', 'http://10.1.2.3:8080'],
    ['fd00::/8', 'http://[fd00::1]'],
    ['::1', 'http://[::1]:8080'],
    ['[::1]', 'http://[::1]:8080'],
    ['[::1]:8080', 'http://[::1]:8080'],
  ])('NO_PROXY %j spares %s the proxy', (except, url) => {
    expect(proxyOf(url, except)).toBeUndefined();
  });

  test.each([
    ['', 'https://api.example'],
    [',', 'https://api.example'],
    ['.', 'https://api.example'],
    ['pi.example', 'https://api.example'],
    ['api.example.com', 'https://api.example'],
    ['api.example:8443', 'https://api.example'],
    ['10.0.0.0/8', 'http://11.1.2.3'],
    ['10.0.0.0/8', 'https://api.example'],
    ['10.0.0.0/99', 'http://10.1.2.3'],
    ['0.1', 'http://10.0.0.1'],
    ['[::1]:81', 'http://[::1]:8080'],
  ])('NO_PROXY %j does not spare %s the proxy', (except, url) => {
    expect(proxyOf(url, except)).toBeDefined();
  });
});
