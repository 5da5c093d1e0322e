import { Socket } from 'node:net';
import { Client } from 'pg';
import { describePlace, type PostgresAddress, tlsOf } from './address.ts';
import { isAnswer, toTrouble } from './trouble.ts';

/** The server ends a statement after this time … */
const STATEMENT_MS = 20_000;
/** … and this side gives up then, if the server has not answered. */
const SILENCE_MS = STATEMENT_MS + 5_000;
const LOCK_MS = 10_000;

/** The one connection to the server, opened when it is needed. Requests wait for their turn. */
export class Connection {
  readonly #address: PostgresAddress;
  readonly #place: string;
  #opened: { client: Client; socket: Socket } | null = null;
  #isEnded = false;

  constructor(address: PostgresAddress) {
    this.#address = address;
    this.#place = describePlace(address);
  }

  /**
   * Runs `work` in one transaction; its result is returned when the commit was confirmed. The session keeps nothing
   * after the transaction, so a pool such as PgBouncer may be in between. @throws DatabaseTrouble
   */
  async inTransaction<T>(work: (client: Client) => Promise<T>): Promise<T> {
    try {
      const client = await this.#open();
      await client.query(BEGIN);
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      // Whether a commit without an answer took place is seen at the next look.
      if (!isAnswer(error) || !(await this.#rollBack())) this.#close();
      throw toTrouble(error, this.#place);
    }
  }

  async #rollBack(): Promise<boolean> {
    try {
      await this.#opened?.client.query('ROLLBACK');
      return true;
    } catch {
      return false;
    }
  }

  async #open(): Promise<Client> {
    if (this.#opened !== null) return this.#opened.client;
    if (this.#isEnded) throw new Error('this process is stopping');
    const tls = tlsOf(this.#address);
    try {
      return await this.#connect(tls);
    } catch (error) {
      const isWithout = error instanceof Error && error.message.includes('does not support SSL');
      if (!isWithout || this.#address.tlsMode !== 'prefer') throw error;
      return await this.#connect(false);
    }
  }

  async #connect(ssl: ReturnType<typeof tlsOf>): Promise<Client> {
    const { host, port, user, password, database, applicationName, connectMs } = this.#address;
    const socket = new Socket();
    const client = new Client({
      host,
      port,
      user,
      ...(password !== undefined && { password }),
      database,
      ssl,
      application_name: applicationName,
      connectionTimeoutMillis: connectMs,
      query_timeout: SILENCE_MS,
      keepAlive: true,
      // Allows closing without waiting for the other side.
      stream: () => socket,
    });
    const opened = { client, socket };
    // A lost connection shows in the next query.
    client.on('error', () => this.#forget(opened));
    client.on('end', () => this.#forget(opened));
    try {
      await client.connect();
    } catch (error) {
      socket.destroy();
      throw error;
    }
    this.#opened = opened;
    return client;
  }

  #forget(opened: { socket: Socket }): void {
    opened.socket.destroy();
    if (this.#opened === opened) this.#opened = null;
  }

  /** Closes it for good; what is under way fails. May run twice. */
  end(): void {
    this.#isEnded = true;
    this.#close();
  }

  /** It is opened again when it is needed. */
  #close(): void {
    if (this.#opened !== null) this.#forget(this.#opened);
  }
}

const BEGIN = [
  'BEGIN',
  `SET LOCAL statement_timeout = ${STATEMENT_MS}`,
  `SET LOCAL lock_timeout = ${LOCK_MS}`,
  // If this process is stopped in the middle, others must not wait for it.
  `SET LOCAL idle_in_transaction_session_timeout = ${STATEMENT_MS}`,
  "SET LOCAL TimeZone = 'UTC'",
].join('; ');
