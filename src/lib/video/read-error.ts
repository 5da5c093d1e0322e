import type { ReadFailure } from './prober.ts';

/** Carries a `ReadFailure` up to the prober, which turns it into a result. */
export class ReadError extends Error {
  override readonly name = 'ReadError';
  readonly failure: ReadFailure;

  constructor(code: string, message: string, options: { isRetryable: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.failure = { code, message, isRetryable: options.isRetryable };
  }
}
