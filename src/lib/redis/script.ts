import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';

export type Argument = string | number | Buffer;

/** A Lua script from `lua/`, run by its digest and loaded by itself where the server does not have it yet. */
export interface Script {
  run(redis: Redis, keys: string[], args: Argument[]): Promise<unknown>;
}

/** Reads `lua/<name>.lua` once, and joins several to one script; throws when there is no such file. */
export function loadScript(directory: URL, ...names: string[]): Script {
  return scriptOf(names.map((name) => readScript(directory, name)).join('\n'));
}

/** The text of `lua/<name>.lua`; throws when there is no such file. */
export const readScript = (directory: URL, name: string): string =>
  readFileSync(new URL(`${name}.lua`, directory), 'utf8');

/** A script from its text, which must be the same for every call. */
export function scriptOf(lua: string): Script {
  const digest = createHash('sha1').update(lua).digest('hex');
  return {
    run: async (redis, keys, args) => {
      try {
        return await redis.evalsha(digest, keys.length, ...keys, ...args);
      } catch (error) {
        if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
        return await redis.eval(lua, keys.length, ...keys, ...args);
      }
    },
  };
}
