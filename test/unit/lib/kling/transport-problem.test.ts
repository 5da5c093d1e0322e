import { describe, expect, it, test } from 'vitest';
import {
  describeTransportError,
  mayHaveBeenSent,
  transportProblemOf,
} from '../../../../src/lib/kling/transport-problem.ts';

function errorWith(code: string): Error {
  return Object.assign(new Error(`words of ${code}`), { code });
}

test.each([
  ['ENOTFOUND', 'dns'],
  ['EAI_AGAIN', 'dns'],
  ['ECONNREFUSED', 'refused'],
  ['ENETUNREACH', 'unreachable'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ETIMEDOUT', 'timeout'],
  ['ECONNRESET', 'reset'],
  ['EPIPE', 'reset'],
  ['ERR_ABORTED', 'aborted'],
  ['HPE_INVALID_CONSTANT', 'not_http'],
  ['Z_DATA_ERROR', 'undecodable'],
  ['ERR_INVALID_CHAR', 'authorization'],
  ['EPROTO', 'tls'],
  ['CERT_HAS_EXPIRED', 'tls'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
  ['EMFILE', 'transport'],
])('the problem %s is called %s', (code, problem) => {
  expect(transportProblemOf(errorWith(code))).toBe(problem);
});

it('a value that is not an error has words, too', () => {
  expect(describeTransportError('odd')).toBe('the call failed');
  expect(describeTransportError(errorWith('ECONNREFUSED'))).toBe(
    'the API refused the connection (words of ECONNREFUSED)',
  );
});

describe('request may have been sent', () => {
  test.each([
    ['no', 'ECONNREFUSED', 'without a connection', false, false],
    ['no', 'ETIMEDOUT', 'without a connection', false, false],
    ['yes', 'ECONNRESET', 'on a connection', true, true],
    ['yes', 'ETIMEDOUT', 'on a connection', true, true],
    ['no', 'EPIPE', 'on a connection, as a part of it was not taken', true, false],
  ])(
    'the answer is %s to whether a request was sent: %s %s',
    (_answer, code, _sentence, wasConnected, expected) => {
      expect(mayHaveBeenSent(errorWith(code), wasConnected)).toBe(expected);
    },
  );
});
