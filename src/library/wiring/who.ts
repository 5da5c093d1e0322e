import { hostname, userInfo } from 'node:os';

/** The person who acts, for a batch's history: `user@host`. */
export function whoAmI(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // The user of a container may have no name.
    return `${process.getuid?.() ?? '?'}@${hostname()}`;
  }
}
