import { createHash } from 'node:crypto';
import { z } from 'zod';
import { sayWhatIsWanted } from '../../lib/settings/schema-words.ts';
import { isSameText } from '../../lib/tokens/secret.ts';
import type { Role, User } from '../dashboard-env.ts';
import { isPasswordHash, isPasswordOf } from './password-hash.ts';

const LONGEST_NAME = 60;

const userEntry = z.strictObject({
  name: z.string().regex(/^[\p{L}\p{N}._@-]{1,60}$/u, 'letters, digits and . _ @ -, at most 60'),
  role: z.enum(['viewer', 'operator']),
  password: z.string().refine(isPasswordHash, 'a line of `kling-sessions dashboard hash-password`'),
});
const userFile = z
  .array(userEntry)
  .min(1, 'it contains no users')
  .refine(
    (users) => new Set(users.map(({ name }) => name)).size === users.length,
    'two users have the same name',
  );

export type UserEntry = z.infer<typeof userEntry>;

/** Who may log in. */
export interface Users {
  /** Whether a log-in asks for a name; with `DASHBOARD_PASSWORD` there is only one user. */
  haveNames: boolean;
  /** The name under which a log-in counts: if there is only one user, always that name. At most 60 characters. */
  nameToCount(given: string): string;
  /** Null when name or password is wrong; takes the same time in both cases. */
  authenticate(name: string, password: string): Promise<User | null>;
  /** The user as it is now, if its password still has this mark; after a change of the password, old sessions end. */
  find(name: string, mark: string): User | null;
  /** Changes with the password. */
  markOf(name: string): string;
}

/** @throws Error with one sentence per problem when it is not a valid file of users. */
export function parseUserFile(text: string): UserEntry[] {
  const json = parseJson(text);
  const parsed = userFile.safeParse(json, { error: sayWhatIsWanted });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) =>
    path.length === 0
      ? message
      : `user ${Number(path[0]) + 1}, ${path.slice(1).join('.')}: ${message}`,
  );
  throw new Error(problems.join('; '));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('it is not JSON');
  }
}

/**
 * The user for `DASHBOARD_PASSWORD`: one operator. The environment holds the password in clear text, so hashing it
 * would hide nothing.
 */
export function singleOperator(password: string): Users {
  const operator: User = { name: 'operator', role: 'operator' };
  const mark = digest(password);
  const isMark = (given: string): boolean => isSameText(mark, given);
  return {
    haveNames: false,
    nameToCount: () => operator.name,
    authenticate: async (_name, given) => (isMark(digest(given)) ? operator : null),
    find: (name, given) => (name === operator.name && isMark(given) ? operator : null),
    markOf: () => mark,
  };
}

export function usersOf(entries: readonly UserEntry[]): Users {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const [{ password: anyHash } = { password: '' }] = entries;
  const markOf = (name: string): string =>
    digest(JSON.stringify(byName.get(name)?.password ?? null));
  const [onlyName] = byName.size === 1 ? byName.keys() : [];
  return {
    haveNames: true,
    nameToCount: (given) => onlyName ?? given.slice(0, LONGEST_NAME),
    async authenticate(name, password) {
      const entry = byName.get(name);
      const isRight = await isPasswordOf(entry?.password ?? anyHash, password);
      return entry !== undefined && isRight ? toUser(entry) : null;
    },
    find(name, mark) {
      const entry = byName.get(name);
      return entry !== undefined && mark === markOf(name) ? toUser(entry) : null;
    },
    markOf,
  };
}

const toUser = ({ name, role }: { name: string; role: Role }): User => ({ name, role });

const digest = (text: string): string =>
  createHash('sha256').update(text).digest('base64url').slice(0, 22);
