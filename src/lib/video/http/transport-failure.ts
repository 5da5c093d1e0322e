import { transportFailureOf } from '../../network/transport-failure.ts';
import { ReadError } from '../read-error.ts';

/** As a `ReadError`, what went wrong with a connection; one that the library has wrapped comes out as it was. */
export function translateTransportError(error: unknown): ReadError {
  const known = findReadError(error);
  if (known !== undefined) return known;
  const { code, message, isRetryable } = transportFailureOf(error);
  return new ReadError(code, message, { isRetryable, cause: error });
}

function findReadError(error: unknown): ReadError | undefined {
  if (error instanceof ReadError) return error;
  return error instanceof Error ? findReadError(error.cause) : undefined;
}
