import { DatabaseError } from 'pg';
import { type ConnectionTrouble, codeOf, troubleOf } from '../../network/connection-trouble.ts';
import { DatabaseTrouble, type TroubleKind } from '../database-trouble.ts';

/** SQLSTATE by code or class (PostgreSQL, appendix A); the first match counts. */
const STATES: readonly (readonly [state: RegExp, kind: TroubleKind, advice: string])[] = [
  [/^28/, 'access', 'Check user and password in RESULTS_DATABASE_URL, and pg_hba.conf.'],
  [/^3D000$/, 'access', 'Create the database, or correct its name in RESULTS_DATABASE_URL.'],
  [/^42501$/, 'access', 'Grant what "Rights" in docs/results-database.md lists.'],
  [/^(42P01|42703|3F000)$/, 'schema', 'Run `kling-sessions database migrate`.'],
  [/^25006$/, 'refuses_writes', 'It is read-only: a standby, or set so. Point to the primary.'],
  [/^(53100|58030)$/, 'refuses_writes', 'Its disk is full or fails; make room.'],
  [/^(08|53|57P|40|55P03|57014)/, 'away', 'Copying continues by itself.'],
];

/** The server is starting or stopping, or this was its last message before the connection ended. */
const GONE = /^(08|57P)/;
const SLOW = /^(57014|55P03)$/;
/** The client's own deadline. */
const NO_ANSWER = 'Query read timeout';

/** The server cannot hold the value of a row; another try would end the same way. */
export const isRefusedValue = (error: unknown): boolean =>
  error instanceof DatabaseError && /^(22|54)/.test(error.code ?? '');

/** The server has refused, and the connection is still usable. */
export const isAnswer = (error: unknown): boolean =>
  error instanceof DatabaseError && error.severity !== 'FATAL' && error.severity !== 'PANIC';

/** `place` names the database without secrets. */
export function toTrouble(error: unknown, place: string): DatabaseTrouble {
  if (error instanceof DatabaseTrouble) return error;
  if (error instanceof DatabaseError) return fromServer(error, place);
  const words = error instanceof Error ? error.message : String(error);
  if (/password must be a (non-empty )?string/.test(words)) {
    return new DatabaseTrouble(
      'access',
      `The results database ${place} asks for a password, and RESULTS_DATABASE_URL has none.`,
    );
  }
  const { kind, reason } = explainConnection(error, words);
  const advice = kind === 'away' ? 'Copying continues by itself.' : CHECK_TLS;
  return new DatabaseTrouble(
    kind,
    `The results database ${place} cannot be reached: ${reason}. ${advice}`,
    words === NO_ANSWER,
  );
}

function fromServer(error: DatabaseError, place: string): DatabaseTrouble {
  const state = error.code ?? '';
  const [, kind, advice] = STATES.find(([pattern]) => pattern.test(state)) ?? [
    '',
    'other' as const,
    'See the log of the server.',
  ];
  const words = error.message.replace(/\.$/, '');
  const verb = GONE.test(state) ? 'cannot be reached' : 'says';
  return new DatabaseTrouble(
    kind,
    `The results database ${place} ${verb}: ${words} (${state}). ${advice}`,
    SLOW.test(state),
  );
}

const CHECK_TLS = 'Check sslmode and the certificates in RESULTS_DATABASE_URL.';

const REASONS: Partial<Record<ConnectionTrouble, string>> = {
  no_such_host: 'there is no such host',
  dns: 'its name cannot be resolved now',
  refused: 'the connection was refused',
  unreachable: 'its host is unreachable',
  timeout: 'there was no answer in time',
  reset: 'the connection was lost',
};

function explainConnection(error: unknown, words: string): { kind: TroubleKind; reason: string } {
  const trouble = troubleOf(error);
  const known = REASONS[trouble];
  if (known !== undefined) return { kind: 'away', reason: known };
  if (words === NO_ANSWER || words === 'timeout expired') {
    return { kind: 'away', reason: 'there was no answer in time' };
  }
  if (codeOf(error) === 'ENOENT') return { kind: 'away', reason: 'there is no such socket' };
  if (trouble === 'tls' || /SSL|TLS|certificate/i.test(words)) {
    return { kind: 'access', reason: words.replace(/\.$/, '') };
  }
  return { kind: 'away', reason: words.replace(/\.$/, '') };
}
