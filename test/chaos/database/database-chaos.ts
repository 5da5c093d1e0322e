import { setTimeout as wait } from 'node:timers/promises';
import { PrivatePostgres } from '../../setup/postgres/private-postgres.ts';
import type { ChaosLab } from '../chaos-lab.ts';
import { SeededRandom } from '../seeded-random.ts';
import { compareFollowed, compareStored, type StoredRow } from './disagreements.ts';
import { Follower, type ResultLine } from './follower.ts';

const PAUSE_MS = { min: 1_000, max: 8_000 };
const AWAY_MS = { min: 0, max: 6_000 };
/** Longer than the copier waits between two tries, on a busy machine. */
const LONGEST_CATCHING_UP_MS = 180_000;
const LOOK_MS = 1_000;
const SHOWN = 10;
const SESSION_MS = 86_400_000;
/** Expiries are announced in steps of this length. */
const EXPIRY_STEP_MS = 300_000;

/**
 * A results database and two followers beside a lab. The server and the followers are killed at random, until disposed.
 */
export class DatabaseChaos implements AsyncDisposable {
  readonly #lab: ChaosLab;
  readonly #server: PrivatePostgres;
  readonly #followers: readonly Follower[];
  readonly #random: SeededRandom;
  readonly #stopping = new AbortController();
  #striking: Promise<void> = Promise.resolve();
  #kills = 0;

  private constructor(
    lab: ChaosLab,
    server: PrivatePostgres,
    followers: readonly Follower[],
    random: SeededRandom,
  ) {
    this.#lab = lab;
    this.#server = server;
    this.#followers = followers;
    this.#random = random;
  }

  /** `fsync` stays on: what the server has confirmed must not be lost. */
  static async open(lab: ChaosLab, seed: number): Promise<DatabaseChaos> {
    const server = await PrivatePostgres.start(['fsync=on']);
    lab.configure({ RESULTS_DATABASE_URL: server.url() });
    const migrate = lab.spawn(['database', 'migrate']);
    if ((await migrate.ended()) !== 0) throw new Error(JSON.stringify(migrate.log));
    const followers = ['first', 'second'].map(
      (name) => new Follower(name, { REDIS_URL: lab.redis.url }),
    );
    // A stream of its own, so that the other faults of a seed stay the same.
    const chaos = new DatabaseChaos(lab, server, followers, new SeededRandom(seed + 1));
    for (const follower of followers) follower.start();
    chaos.#striking = chaos.#strike();
    return chaos;
  }

  async #strike(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#pause(this.#random.between(PAUSE_MS.min, PAUSE_MS.max));
      if (!signal.aborted) await this.#strikeOnce();
    }
  }

  async #strikeOnce(): Promise<void> {
    const dice = this.#random.next();
    const awayMs = this.#random.between(AWAY_MS.min, AWAY_MS.max);
    this.#kills += 1;
    if (dice < 0.4) await this.#killServer(awayMs);
    else if (dice < 0.5) await this.#freezeServer(awayMs);
    else await this.#killFollower(awayMs);
  }

  async #killServer(awayMs: number): Promise<void> {
    const signal = this.#random.pick(['SIGKILL', 'SIGQUIT', 'SIGINT']);
    this.#lab.note(`${signal} PostgreSQL, away for ${awayMs} ms`);
    await this.#server.kill(signal);
    await this.#pause(awayMs);
    await this.#server.restart();
    this.#lab.note('PostgreSQL is there again');
  }

  async #freezeServer(frozenMs: number): Promise<void> {
    this.#lab.note(`SIGSTOP PostgreSQL for ${frozenMs} ms`);
    this.#server.signal('SIGSTOP');
    await this.#pause(frozenMs);
    this.#server.signal('SIGCONT');
  }

  async #killFollower(awayMs: number): Promise<void> {
    const [first, second] = this.#followers;
    if (first === undefined || second === undefined) throw new Error('there are no followers');
    const follower = this.#random.pick([first, second]);
    const signal = this.#random.pick(['SIGKILL', 'SIGTERM']);
    this.#lab.note(`${signal} the ${follower.name} follower, away for ${awayMs} ms`);
    await follower.kill(signal);
    await this.#pause(awayMs);
    follower.start();
  }

  async #pause(ms: number): Promise<void> {
    await wait(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }

  /** How the database and the followers differ from the report of a batch that has ended, in sentences. */
  async disagreements(batchId: string): Promise<string[]> {
    await this.#letSessionsExpire();
    const report = await this.#readReport(batchId);
    const untilMs = Date.now() + LONGEST_CATCHING_UP_MS;
    for (;;) {
      const found = await this.#compare(batchId, report);
      if (found.length === 0 || Date.now() > untilMs) {
        this.#lab.note(this.#inWords(report.length, found.length));
        return found.slice(0, SHOWN).map((sentence) => `${batchId}: ${sentence}`);
      }
      await wait(LOOK_MS);
    }
  }

  #inWords(rows: number, disagreements: number): string {
    const lines = this.#followers.map((follower) => follower.lines).join(' and ');
    return `database, followers and report: ${rows} rows, ${disagreements} disagreements; ${lines} lines followed, ${this.#kills} faults of the database and the followers`;
  }

  /** As workers do when a day has passed. */
  async #letSessionsExpire(): Promise<void> {
    await using stores = await this.#lab.openStores();
    await stores.feed.announceExpired(Date.now() + SESSION_MS + EXPIRY_STEP_MS);
  }

  async #readReport(batchId: string): Promise<ResultLine[]> {
    const args = ['results', batchId, '--format', 'jsonl'];
    const { stdout } = await this.#lab.untilDone(() => this.#lab.spawn(args));
    const lines = stdout.split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line));
  }

  async #compare(batchId: string, report: readonly ResultLine[]): Promise<string[]> {
    const stored = await this.#readStored(batchId);
    return [
      ...(stored === null ? ['the database is away'] : compareStored(report, stored)),
      ...this.#followers.flatMap((follower) => [
        ...(follower.repeated === 0 ? [] : [`${follower.repeated} lines came twice`]),
        ...compareFollowed(report, (row) => follower.lineOf(batchId, row)),
      ]),
    ];
  }

  /** Of the latest batch with this id; null while the server is away. */
  async #readStored(batchId: string): Promise<StoredRow[] | null> {
    const latest =
      'SELECT incarnation FROM kling_sessions.batches WHERE id = $1 ORDER BY created_at DESC LIMIT 1';
    const sql = `SELECT row_number, status, session_id, expires_at, error_code, error, attempts, duplicate_of, finished_at, cells FROM kling_sessions.results WHERE batch_id = $1 AND incarnation = (${latest})`;
    return await this.#server.query<StoredRow>(sql, [batchId]).catch(() => null);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#striking;
    for (const follower of this.#followers) await follower[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
  }
}
