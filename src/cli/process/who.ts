import { hostname, userInfo } from 'node:os';

/** Who acts, for a batch's history: `user@host`. */
export function whoAmI(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // A container's user may have no name.
    return `${process.getuid?.() ?? '?'}@${hostname()}`;
  }
}
