import { explainRedisTrouble, isMissingRight, isRedisTrouble } from '../../lib/redis/trouble.ts';
import { RedisUnusable } from '../../lib/redis/unusable.ts';
import { describeProblem, UnusableRequest } from '../../lib/requests/unusable-request.ts';
import { BeyondFeed } from '../../lib/results/read-results.ts';
import { UnreadableRecord } from '../../lib/store/unreadable-record.ts';
import { ManifestError } from '../../producer/manifest/manifest-error.ts';
import { BatchError } from './batch-error.ts';
import { SettingsError } from './settings-error.ts';

/**
 * - `redis_unreachable`: there is no connection; it may pass by itself.
 * - `redis_unsuitable`: the server, its address or its configuration cannot be used as they are.
 * - `redis_refused`: this user lacks a right.
 * - `redis_failed`: a command failed although there was a connection; the same call may be made again.
 */
export type RedisErrorCode =
  | 'redis_unreachable'
  | 'redis_unsuitable'
  | 'redis_refused'
  | 'redis_failed';

/** Redis cannot be reached, or is not set up as needed. The message says why and what to do. */
export class RedisError extends Error {
  override readonly name = 'RedisError';
  readonly code: RedisErrorCode;

  constructor(code: RedisErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * One option that is missing, unknown or unusable; `option` is null if the problem is about the options as a whole.
 */
export interface OptionProblem {
  option: string | null;
  message: string;
}

/** Options of a call are unusable. Nothing was done. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError';
  readonly code = 'unusable_options';
  /** Never empty. */
  readonly problems: readonly OptionProblem[];

  constructor(problems: readonly OptionProblem[]) {
    super(problems.map(({ message }) => message).join(' '));
    this.problems = problems;
  }
}

/**
 * - `unknown_position`: a position in the results that this Redis never gave out. Begin again without one.
 * - `unreadable_record`: a record in Redis is damaged.
 */
export type DataErrorCode = 'unknown_position' | 'unreadable_record';

/** Data in Redis are damaged or missing. */
export class DataError extends Error {
  override readonly name = 'DataError';
  readonly code: DataErrorCode;

  constructor(code: DataErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Everything that this library throws, besides the reason of an aborted signal. */
export type KlingSessionsError =
  | BatchError
  | DataError
  | ManifestError
  | OptionsError
  | RedisError
  | SettingsError;

const CLASSES = [BatchError, DataError, ManifestError, OptionsError, RedisError, SettingsError];

/** For `catch`: whether an error is one of this library's, so that its `code` can be used. */
export const isKlingSessionsError = (error: unknown): error is KlingSessionsError =>
  CLASSES.some((one) => error instanceof one);

/**
 * Translates an internal error into one of the library's errors; any other error stays as it is.
 */
export function translateError(error: unknown): unknown {
  const options = { cause: error };
  if (error instanceof RedisUnusable) {
    return new RedisError(`redis_${error.kind}`, error.message, options);
  }
  if (error instanceof UnusableRequest) return asOptionsError(error);
  if (error instanceof BeyondFeed) return new DataError('unknown_position', error.message, options);
  if (error instanceof UnreadableRecord) {
    return new DataError('unreadable_record', error.message, options);
  }
  if (error instanceof Error && isRedisTrouble(error)) {
    const code = isMissingRight(error) ? 'redis_refused' : 'redis_failed';
    return new RedisError(code, explainRedisTrouble(error), options);
  }
  return error;
}

const asOptionsError = ({ problems }: UnusableRequest): OptionsError =>
  new OptionsError(
    problems.map((problem) => ({
      option: problem.option,
      message: describeProblem(problem, (option) => option),
    })),
  );
