import { beforeAll, describe, expect, test } from 'vitest';
import {
  hashPassword,
  isPasswordHash,
  isPasswordOf,
} from '../../../../src/dashboard/auth/password-hash.ts';
import { parseUserFile, singleOperator, usersOf } from '../../../../src/dashboard/auth/users.ts';

/** Cheap, so that the tests are quick. */
const COST = { N: 1_024, r: 8, p: 1 };
let hash = '';
beforeAll(async () => {
  hash = await hashPassword('correct horse', COST);
});

describe('password hash', () => {
  test('a password hash matches its password, however its letters are composed, and no other', async () => {
    expect(await isPasswordOf(hash, 'correct horse')).toBe(true);
    expect(await isPasswordOf(hash, 'correct horse ')).toBe(false);
    const composed = await hashPassword('caf\u00e9 caf\u00e9', COST);
    expect(await isPasswordOf(composed, 'cafe\u0301 cafe\u0301')).toBe(true);
  });

  test.each([
    ['empty', ''],
    ['a plain password', 'correct horse'],
    ['N no power of two', 'scrypt$32767$8$3$AAAAAAAAAAA=$AAAAAAAAAAAAAAAAAAAAAA=='],
    ['asking for gigabytes', 'scrypt$8388608$16$3$AAAAAAAAAAA=$AAAAAAAAAAAAAAAAAAAAAA=='],
  ])('a password hash is not %s', (_, text) => expect(isPasswordHash(text)).toBe(false));
});

describe('file of users', () => {
  test.each([
    ['{', 'it is not JSON'],
    ['[]', 'it contains no users'],
    ['[{"name":"a b","role":"viewer","password":"x"}]', 'user 1, name: letters'],
    [
      '[{"name":"a","role":"admin","password":"x"}]',
      'user 1, role: must be "viewer" or "operator"',
    ],
    ['[{"name":"a","role":"viewer","password":"secret"}]', 'user 1, password: a line of'],
  ])('%s is refused', (text, why) => expect(() => parseUserFile(text)).toThrow(why));

  test('a file of users may not list a name twice', () => {
    const anna = { name: 'anna', role: 'viewer', password: hash };
    expect(() => parseUserFile(JSON.stringify([anna, anna]))).toThrow('the same name');
  });

  test('a file of users accepts only the right password, and a changed password ends its sessions', async () => {
    const users = usersOf([{ name: 'anna', role: 'viewer', password: hash }]);
    expect(await users.authenticate('anna', 'correct horse')).toEqual({
      name: 'anna',
      role: 'viewer',
    });
    expect(await users.authenticate('anna', 'wrong')).toBeNull();
    expect(await users.authenticate('bob', 'correct horse')).toBeNull();
    const mark = users.markOf('anna');
    expect(users.find('anna', mark)).not.toBeNull();
    const changed = usersOf([
      { name: 'anna', role: 'viewer', password: await hashPassword('new one', COST) },
    ]);
    expect(changed.find('anna', mark)).toBeNull();
    expect(users.find('bob', users.markOf('bob'))).toBeNull();
  });

  test('one password makes one operator, whose sessions survive a restart', async () => {
    const [before, after] = [singleOperator('long enough'), singleOperator('long enough')];
    expect(await before.authenticate('', 'long enough')).toEqual({
      name: 'operator',
      role: 'operator',
    });
    expect(after.find('operator', before.markOf('operator'))).not.toBeNull();
    expect(singleOperator('another').find('operator', before.markOf('operator'))).toBeNull();
  });
});

describe('name that a log-in counts under', () => {
  const entry = (name: string) => ({ name, role: 'operator' as const, password: '' });

  test('the name that a log-in counts under is the real one if there is only one, whatever was given', () => {
    expect(singleOperator('a password').nameToCount('root')).toBe('operator');
    expect(usersOf([entry('anna')]).nameToCount('root')).toBe('anna');
  });

  test('the name that a log-in counts under is the given one if there are several, cut to the length of a name', () => {
    const users = usersOf([entry('anna'), entry('bob')]);
    expect(users.nameToCount('root')).toBe('root');
    expect(users.nameToCount('x'.repeat(1_000))).toHaveLength(60);
  });
});
