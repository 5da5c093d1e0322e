/** A record in Redis in a form that this program does not write: damaged, or from a version that checked less. */
export class UnreadableRecord extends Error {
  override readonly name = 'UnreadableRecord';

  /** `what` begins the sentence, `reason` has no full stop, `advice` is a sentence that follows. */
  constructor(what: string, reason: string, advice = '') {
    super(`${what} cannot be read: ${reason}.${advice === '' ? '' : ` ${advice}`}`);
  }
}

/** For `catch`, where an unreadable record counts as none. @throws any other error. */
export function nullIfUnreadable(error: unknown): null {
  if (error instanceof UnreadableRecord) return null;
  throw error;
}
