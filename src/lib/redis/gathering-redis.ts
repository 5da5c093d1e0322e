import { Command, Redis, type RedisOptions } from 'ioredis';

/**
 * A connection that hands all commands of one turn of the event loop to the system at once. A worker with hundreds of
 * rows sends dozens in each turn, and each system call costs it and the server as much as a small command. The order
 * and the meaning of the commands stay the same; what is sent last waits until the turn has read its sockets.
 */
export class GatheringRedis extends Redis {
  #gathering: Redis['stream'] | null = null;

  override sendCommand(...given: Parameters<Redis['sendCommand']>): unknown {
    this.#gather();
    return super.sendCommand(...given);
  }

  /**
   * Also ends a connection that waits for its next attempt. ioredis 6.0 calls the attempt off and tells nobody, and BullMQ
   * waits for the end of its connection before it stops a worker.
   */
  override disconnect(reconnect = false): void {
    if (this.status === 'reconnecting' && !reconnect) this.status = 'wait';
    super.disconnect(reconnect);
  }

  /** ioredis makes a plain connection. */
  override duplicate(override: RedisOptions = {}): ReturnType<Redis['duplicate']> {
    return new GatheringRedis({ ...this.options, ...override, replyMapping: 'legacy' });
  }

  #gather(): void {
    const { stream } = this;
    // After a reconnection there is another stream.
    if (!stream || stream === this.#gathering) return;
    this.#gathering = stream;
    stream.cork();
    setImmediate(() => {
      if (this.#gathering === stream) this.#gathering = null;
      stream.uncork();
    });
  }
}

/**
 * As `Command.toWritable`. ioredis 6.0 makes three parts of each argument if one of them is a buffer, as in each job of
 * BullMQ, and measures and copies every part. This makes one part of all the text before a buffer: half the time.
 */
export function requestOf({ name, args }: Pick<Command, 'name' | 'args'>): Buffer {
  const parts: Buffer[] = [];
  let text = `*${args.length + 1}\r\n$${Buffer.byteLength(name)}\r\n${name}\r\n`;
  for (const arg of args) {
    if (Buffer.isBuffer(arg)) {
      parts.push(Buffer.from(`${text}$${arg.length}\r\n`), arg);
      text = '\r\n';
    } else {
      const value = String(arg);
      text += `$${Buffer.byteLength(value)}\r\n${value}\r\n`;
    }
  }
  return Buffer.concat([...parts, Buffer.from(text)]);
}

const textRequestOf = Command.prototype.toWritable;

Command.prototype.toWritable = function (this: Command, socket: object): string | Buffer {
  return this.args.some(Buffer.isBuffer) ? requestOf(this) : textRequestOf.call(this, socket);
};
