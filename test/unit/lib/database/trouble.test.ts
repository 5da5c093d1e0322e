import { DatabaseError } from 'pg';
import { expect, it } from 'vitest';
import { toTrouble } from '../../../../src/lib/database/postgres/trouble.ts';

function saidByServer(code: string, message = 'words of the server'): DatabaseError {
  return Object.assign(new DatabaseError(message, 0, 'error'), { code });
}

it.each([
  ['28P01', 'access', false, 'says'],
  ['42501', 'access', false, 'says'],
  ['42P01', 'schema', false, 'says'],
  ['25006', 'refuses_writes', false, 'says'],
  ['53100', 'refuses_writes', false, 'says'],
  ['53300', 'away', false, 'says'],
  ['57P01', 'away', false, 'cannot be reached'],
  ['57P03', 'away', false, 'cannot be reached'],
  ['08006', 'away', false, 'cannot be reached'],
  ['57014', 'away', true, 'says'],
  ['55P03', 'away', true, 'says'],
  ['40P01', 'away', false, 'says'],
  ['XX000', 'other', false, 'says'],
])('SQLSTATE %s is trouble of the kind %s, slow: %s', (code, kind, isSlow, verb) => {
  const trouble = toTrouble(saidByServer(code), 'postgres://u@h/db');
  expect(trouble).toMatchObject({ kind, isSlow });
  expect(trouble.message).toContain(`postgres://u@h/db ${verb}: words of the server (${code}). `);
});

it.each([
  [
    Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:5432'), { code: 'ECONNREFUSED' }),
    'away',
    'refused',
  ],
  [
    Object.assign(new Error('self-signed'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }),
    'access',
    'sslmode',
  ],
  [new Error('Query read timeout'), 'away', 'no answer in time'],
  [new Error('Connection terminated unexpectedly'), 'away', 'terminated'],
  [new Error('The server does not support SSL connections'), 'access', 'sslmode'],
])('%s is trouble of the kind %s', (error, kind, words) => {
  expect(toTrouble(error, 'x')).toMatchObject({ kind, message: expect.stringContaining(words) });
});
