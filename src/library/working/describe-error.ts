import { redactUrls } from '../../lib/core/redact-url.ts';
import { isRedisTrouble } from '../../lib/redis/trouble.ts';

/**
 * The parts of an error that are logged. Other properties are left out: ioredis attaches the whole command, with
 * passwords, signed URLs and session ids. Trouble with Redis is no bug, so its stack would say nothing.
 */
export function describeError(error: unknown): Record<string, string> {
  if (!(error instanceof Error)) return { message: redactUrls(String(error)) };
  const code = 'code' in error ? { code: String(error.code) } : {};
  const stack = isRedisTrouble(error) ? {} : { stack: redactUrls(error.stack ?? '') };
  return { type: error.name, message: redactUrls(error.message), ...code, ...stack };
}
