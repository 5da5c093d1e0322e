import type { Logger } from 'pino';
import { networkOf } from './network-of.ts';

/** Failed log-ins of one network, or one name, within `WINDOW_MS`. */
const MAX_BY_NETWORK = 10;
const MAX_BY_NAME = 30;
const WINDOW_MS = 15 * 60_000;
/** For this long, a network from which a name has logged in is not delayed by what others try with that name. */
const PROVEN_MS = 30 * 24 * 3_600_000;
/** Bounds the memory; the oldest entries are dropped first. */
const MAX_KEPT = 10_000;

interface Try {
  network: string;
  atMs: number;
}

/** Slows down password guessing. Kept in this process: a restart clears it, which does not help an attacker. */
export class LoginLimit {
  readonly #byNetwork = new Map<string, Try[]>();
  readonly #byName = new Map<string, Try[]>();
  /** Until when a name and a network that logged in with it belong together. */
  readonly #proven = new Map<string, number>();
  /** Until when a network was told to wait; this is logged once per wait. */
  readonly #told = new Map<string, number>();
  readonly #now: () => number;
  readonly #log: Pick<Logger, 'warn'>;

  constructor(now: () => number, log: Pick<Logger, 'warn'>) {
    this.#now = now;
    this.#log = log;
  }

  /**
   * Milliseconds until this address may try; 0 means now, and then the try counts. Must be called before the password
   * is checked, so that many parallel tries count as many. `name` comes from `Users.nameToCount`.
   */
  begin(address: string, name: string): number {
    const network = networkOf(address);
    const waitMs = Math.max(this.#waitOfNetwork(network), this.#waitOfName(network, name));
    if (waitMs > 0) {
      this.#tell(network, waitMs);
      return waitMs;
    }
    const next = { network, atMs: this.#now() };
    keep(this.#byNetwork, network, [...this.#recent(this.#byNetwork, network), next]);
    keep(this.#byName, name, [...this.#recent(this.#byName, name), next]);
    return 0;
  }

  /** A success shows that the tries of this network were not guesses; it says nothing about other networks. */
  succeed(address: string, name: string): void {
    const network = networkOf(address);
    this.#byNetwork.delete(network);
    const others = this.#recent(this.#byName, name).filter((one) => one.network !== network);
    keep(this.#byName, name, others);
    keep(this.#proven, pair(name, network), this.#now() + PROVEN_MS);
  }

  #waitOfNetwork(network: string): number {
    return this.#waitFor(this.#recent(this.#byNetwork, network), MAX_BY_NETWORK);
  }

  #waitOfName(network: string, name: string): number {
    const isProven = (this.#proven.get(pair(name, network)) ?? 0) > this.#now();
    return isProven ? 0 : this.#waitFor(this.#recent(this.#byName, name), MAX_BY_NAME);
  }

  #waitFor(recent: readonly Try[], max: number): number {
    const decisive = recent.at(-max);
    return decisive === undefined ? 0 : decisive.atMs + WINDOW_MS - this.#now();
  }

  #recent(tries: ReadonlyMap<string, Try[]>, key: string): Try[] {
    const since = this.#now() - WINDOW_MS;
    return (tries.get(key) ?? []).filter(({ atMs }) => atMs > since);
  }

  #tell(network: string, waitMs: number): void {
    if ((this.#told.get(network) ?? 0) > this.#now()) return;
    keep(this.#told, network, this.#now() + waitMs);
    this.#log.warn({ network, waitMs }, 'too many log-ins failed');
  }
}

const pair = (name: string, network: string): string => `${network} ${name}`;

/** Moves an entry to the end, and drops the first ones. */
function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= MAX_KEPT) break;
    map.delete(oldest);
  }
}

/** The message for a log-in that has to wait. */
export const describeWait = (waitMs: number): string =>
  `Too many tries. Try again in ${Math.ceil(waitMs / 60_000)} min.`;

/** For the header `Retry-After`, in seconds. */
export const retryAfter = (waitMs: number): string => String(Math.ceil(waitMs / 1_000));
