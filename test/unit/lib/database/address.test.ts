import { describe, expect, it } from 'vitest';
import {
  describePlace,
  parsePostgresAddress,
  tlsOf,
} from '../../../../src/lib/database/postgres/address.ts';

describe('address of PostgreSQL', () => {
  it.each([
    ['postgres://u:p@h/db', { host: 'h', port: 5432, user: 'u', password: 'p', database: 'db' }],
    ['postgresql://u@h:6432/db', { port: 6432, password: undefined }],
    [
      'postgres://u%40x:p%2F%3A@[::1]/d%20b',
      { host: '::1', user: 'u@x', password: 'p/:', database: 'd b' },
    ],
    ['postgres://u@/db?host=/run/postgresql', { host: '/run/postgresql' }],
    ['postgres://u@%2Frun%2Fpg/db', { host: '/run/pg' }],
    [
      'postgres://u@h/db',
      { tlsMode: 'prefer', connectMs: 10_000, applicationName: 'kling-sessions' },
    ],
    [
      'postgres://u@h/db?sslmode=require&connect_timeout=3',
      { tlsMode: 'require', connectMs: 3_000 },
    ],
  ])('the address %s is understood', (text, parts) => {
    expect(parsePostgresAddress(text)).toMatchObject({ ok: true, address: parts });
  });

  it.each([
    ['mysql://u:secret@h/db', 'postgres://'],
    ['postgres://u:secret@h:99999/db', 'postgres://'],
    ['secret', 'postgres://'],
    ['postgres://u:secret%zz@h/db', 'percent-encoded'],
    ['postgres://:secret@h/db', 'user'],
    ['postgres://u:secret@h', 'database'],
    ['postgres://u:secret@h/db?sslmode=maybe', 'sslmode must be one of'],
    ['postgres://u:secret@h/db?sslmode=verify-ca', 'sslrootcert'],
    ['postgres://u:secret@h/db?statement_timeout=1', '"statement_timeout" is unknown'],
    ['postgres://u:secret@h/db?connect_timeout=0', 'connect_timeout'],
  ])('the address %s is refused, and not quoted', (text, words) => {
    const parsed = parsePostgresAddress(text);
    expect(parsed).toMatchObject({ ok: false, problem: expect.stringContaining(words) });
    expect(JSON.stringify(parsed)).not.toContain('secret');
  });

  it('an address of PostgreSQL is shown without its password', () => {
    const parsed = parsePostgresAddress('postgres://u:secret@[::1]/db?sslmode=require');
    expect(parsed.ok && describePlace(parsed.address)).toBe('postgres://u@[::1]:5432/db');
  });

  it.each([
    ['sslmode=disable', false],
    ['host=/run/postgresql&sslmode=require', false],
    ['sslmode=require', { rejectUnauthorized: false }],
    ['sslmode=verify-full', {}],
    ['sslmode=require&sslrootcert=system', {}],
  ])('an address with %s has the TLS %o', (parameters, tls) => {
    const parsed = parsePostgresAddress(`postgres://u@h/db?${parameters}`);
    expect(parsed.ok && tlsOf(parsed.address)).toEqual(tls);
  });
});
