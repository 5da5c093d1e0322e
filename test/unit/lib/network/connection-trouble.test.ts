import { expect, test } from 'vitest';
import { transportProblemOf } from '../../../../src/lib/kling/transport-problem.ts';
import {
  type ConnectionTrouble,
  troubleOf,
} from '../../../../src/lib/network/connection-trouble.ts';
import { transportFailureOf } from '../../../../src/lib/network/transport-failure.ts';
import { isRedisTrouble } from '../../../../src/lib/redis/trouble.ts';

const errorWith = (code: string): Error =>
  Object.assign(new Error(`connect ${code} 127.0.0.1:1`), { code });

/** What a kind is called by the client of videos, manifests and webhooks, and by Kling's; whether Redis is lost. */
const NAMES: Record<ConnectionTrouble, [failure: string, problem: string, isRedisLost: boolean]> = {
  no_such_host: ['dns', 'dns', true],
  dns: ['dns', 'dns', true],
  refused: ['connection_refused', 'refused', true],
  unreachable: ['unreachable', 'unreachable', true],
  timeout: ['timeout', 'timeout', true],
  reset: ['reset', 'reset', true],
  tls: ['tls', 'tls', false],
  proxy_failed: ['proxy', 'proxy_failed', false],
  proxy_refused: ['proxy', 'proxy_refused', false],
  bad_header: ['network', 'authorization', false],
  long_headers: ['bad_http', 'not_http', false],
  not_http: ['bad_http', 'not_http', false],
  undecodable: ['bad_http', 'undecodable', false],
  aborted: ['network', 'aborted', false],
  other: ['network', 'transport', false],
};

test.each<[string, ConnectionTrouble]>([
  ['ENOTFOUND', 'no_such_host'],
  ['EAI_AGAIN', 'dns'],
  ['EAI_FAIL', 'dns'],
  ['ECONNREFUSED', 'refused'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
  ['EHOSTDOWN', 'unreachable'],
  ['ENETDOWN', 'unreachable'],
  ['EADDRNOTAVAIL', 'unreachable'],
  ['ETIMEDOUT', 'timeout'],
  ['ECONNRESET', 'reset'],
  ['ECONNABORTED', 'reset'],
  ['EPIPE', 'reset'],
  ['ERR_STREAM_PREMATURE_CLOSE', 'reset'],
  ['ERR_PROXY_FAILED', 'proxy_failed'],
  ['ERR_PROXY_REFUSED', 'proxy_refused'],
  ['ERR_INVALID_CHAR', 'bad_header'],
  ['HPE_HEADER_OVERFLOW', 'long_headers'],
  ['HPE_INVALID_CONSTANT', 'not_http'],
  ['Z_DATA_ERROR', 'undecodable'],
  ['ERR_BROTLI_DECODER_ERROR', 'undecodable'],
  ['ERR__ERROR_FORMAT_PADDING_1', 'undecodable'],
  ['ERR_ABORTED', 'aborted'],
  ['EPROTO', 'tls'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls'],
  ['CERT_HAS_EXPIRED', 'tls'],
  ['CRL_HAS_EXPIRED', 'tls'],
  ['HOSTNAME_MISMATCH', 'tls'],
  ['INVALID_PURPOSE', 'tls'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'tls'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls'],
  ['EMFILE', 'other'],
])('%s is of one kind wherever a connection is made: %s', (code, kind) => {
  const error = errorWith(code);
  expect(troubleOf(error)).toBe(kind);
  const names = [transportFailureOf(error).code, transportProblemOf(error), isRedisTrouble(error)];
  expect(names).toEqual(NAMES[kind]);
});

test('an error without a code has no known kind', () => {
  expect([troubleOf(new Error('odd')), troubleOf('odd'), troubleOf(null)]).toEqual([
    'other',
    'other',
    'other',
  ]);
});
