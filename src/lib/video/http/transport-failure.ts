import { transportFailureOf } from '../../network/transport-failure.ts';
import { ReadError } from '../read-error.ts';

/** A failed connection as a `ReadError`; a `ReadError` that the library wrapped is returned unchanged. */
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
