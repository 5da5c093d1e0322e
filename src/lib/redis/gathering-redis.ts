import { Redis } from 'ioredis';

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
