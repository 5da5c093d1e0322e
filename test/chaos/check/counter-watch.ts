import { setTimeout as wait } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { connectRedis } from '../../../src/lib/redis/connection.ts';
import { createKeys } from '../../../src/lib/store/keys.ts';

const LOOK_MS = 250;

/**
 * Compares the counters with the rows in one step, as they must agree at every moment.
 * KEYS: 1 batch  2 under way
 * Returns: a sentence, or '' when they agree
 */
const COMPARE = `
local counted, total, rows = {}, 0, 0
local hash = redis.call('HGETALL', KEYS[1])
for i = 1, #hash, 2 do
  if hash[i] == 'rows' then rows = tonumber(hash[i + 1]) end
  local name = string.match(hash[i], '^n:(.+)$')
  if name then
    counted[name] = tonumber(hash[i + 1])
    total = total + counted[name]
  end
end
local found = { waiting = 0, probing = 0, ready = 0, opening = 0 }
for _, text in ipairs(redis.call('HVALS', KEYS[2])) do
  local state = cjson.decode(text).state
  found[state] = found[state] + 1
end
local wrong = {}
for state, n in pairs(found) do
  local says = counted[state] or 0
  if (state == 'waiting' and says < n) or (state ~= 'waiting' and says ~= n) then
    table.insert(wrong, state .. ' is counted ' .. says .. ', and ' .. n .. ' rows under way say so')
  end
end
if total ~= rows then
  table.insert(wrong, 'the counters add up to ' .. total .. ' of ' .. rows .. ' rows')
end
return table.concat(wrong, '; ')
`;

/**
 * Checks four times a second that counters and rows of some batches agree, in one step of Redis: a wrong counter at
 * the end does not show when it went wrong.
 */
export class CounterWatch implements AsyncDisposable {
  readonly #redis: Redis;
  readonly #stopping = new AbortController();
  readonly #watching: Promise<void>;
  readonly #tell: (line: string) => void;
  readonly #said = new Set<string>();
  /** What was found, one sentence for each batch. */
  readonly problems: string[] = [];

  private constructor(redis: Redis, tell: (line: string) => void) {
    this.#tell = tell;
    this.#redis = redis;
    this.#redis.on('error', () => undefined);
    this.#watching = this.#watch();
  }

  static async open(url: string, tell: (line: string) => void): Promise<CounterWatch> {
    return new CounterWatch(await connectRedis({ url }, 'watch', 'own'), tell);
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      // Redis is killed and frozen at will.
      await this.#look().catch(() => undefined);
      await wait(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #look(): Promise<void> {
    const keys = createKeys();
    for (const id of await this.#redis.zrange(keys.batches, 0, '-1')) {
      const wrong = await this.#redis.eval(COMPARE, 2, keys.batch(id), keys.underWay(id));
      if (typeof wrong !== 'string' || wrong === '' || this.#said.has(id)) continue;
      this.#said.add(id);
      this.problems.push(`${id}: ${wrong}`);
      this.#tell(`counters of ${id} went wrong: ${wrong}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#watching;
    this.#redis.disconnect();
  }
}
