import { beforeEach, describe, expect, it, test } from 'vitest';
import { LoginLimit } from '../../../src/dashboard/auth/login-limit.ts';
import { networkOf } from '../../../src/dashboard/auth/network-of.ts';

const MINUTES = 60_000;

let now: number;
let logged: object[];
let limit: LoginLimit;
beforeEach(() => {
  now = 0;
  logged = [];
  limit = new LoginLimit(() => now, { warn: (fields: object) => logged.push(fields) });
});

const fail = (address: string, name: string, times: number): void => {
  for (let count = 0; count < times; count += 1) expect(limit.begin(address, name)).toBe(0);
};

describe('guessing', () => {
  it('guessing blocks an address for 15 minutes after ten attempts, whatever names it gives', () => {
    fail('1.2.3.4', 'anna', 5);
    fail('1.2.3.4', 'bob', 5);
    expect(limit.begin('1.2.3.4', 'carl')).toBe(15 * MINUTES);
    now = 15 * MINUTES - 1;
    expect(limit.begin('1.2.3.4', 'anna')).toBe(1);
    now = 15 * MINUTES;
    expect(limit.begin('1.2.3.4', 'anna')).toBe(0);
  });

  it('guessing affects no other address', () => {
    fail('1.2.3.4', 'anna', 10);
    fail('5.6.7.8', 'anna', 1);
  });

  it('guessing from one IPv6 network counts as one address, and locks no other out', () => {
    for (let count = 0; count < 10; count += 1) fail(`2001:db8::${count + 1}`, 'anna', 1);
    for (let count = 0; count < 1_000; count += 1) {
      expect(limit.begin(`2001:db8::abcd:${count}`, 'anna')).toBe(15 * MINUTES);
    }
    fail('2001:db8:0:1::1', 'anna', 1);
    fail('1.2.3.4', 'anna', 1);
  });

  it('guessing with one name, from all addresses, stops after thirty', () => {
    for (let count = 0; count < 30; count += 1) fail(`10.0.0.${count}`, 'anna', 1);
    expect(limit.begin('5.6.7.8', 'anna')).toBe(15 * MINUTES);
    fail('5.6.7.8', 'bob', 1);
  });

  it('guessing with one name does not block an address from which that name has logged in', () => {
    fail('5.6.7.8', 'anna', 1);
    limit.succeed('5.6.7.8', 'anna');
    for (let count = 0; count < 30; count += 1) fail(`10.0.0.${count}`, 'anna', 1);
    expect(limit.begin('9.9.9.9', 'anna')).toBeGreaterThan(0);
    fail('5.6.7.8', 'anna', 10);
    expect(limit.begin('5.6.7.8', 'anna')).toBeGreaterThan(0);
  });

  it('guessing is not excused by a success from elsewhere', () => {
    for (let count = 0; count < 29; count += 1) fail(`10.0.0.${count}`, 'anna', 1);
    fail('5.6.7.8', 'anna', 1);
    limit.succeed('5.6.7.8', 'anna');
    fail('10.0.1.1', 'anna', 1);
    expect(limit.begin('10.0.1.2', 'anna')).toBe(15 * MINUTES);
  });

  it('guessing is forgotten after a right password', () => {
    fail('1.2.3.4', 'anna', 10);
    limit.succeed('1.2.3.4', 'anna');
    fail('1.2.3.4', 'anna', 10);
  });

  it('guessing is logged once per wait, not once per request', () => {
    fail('1.2.3.4', 'anna', 10);
    for (let count = 0; count < 50; count += 1) limit.begin('1.2.3.4', 'anna');
    expect(logged).toEqual([{ network: '1.2.3.4', waitMs: 15 * MINUTES }]);
    now = 15 * MINUTES;
    fail('1.2.3.4', 'anna', 10);
    limit.begin('1.2.3.4', 'anna');
    expect(logged).toHaveLength(2);
  });
});

test.each([
  ['203.0.113.9', '203.0.113.9'],
  ['203.0.113.9:4711', '203.0.113.9'],
  ['::ffff:203.0.113.9', '203.0.113.9'],
  ['2001:DB8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['[2001:db8:1:2::9]:443', '2001:db8:1:2::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['unknown', 'unknown'],
  ['x'.repeat(1_000), 'x'.repeat(64)],
  ['', ''],
])('%j counts as %j', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
