import { type SentinelConnectionOptions, SentinelConnector } from 'ioredis';

/** What ioredis keeps to itself: the subscriptions by which it hears of another primary. */
interface Detecting {
  failoverDetector: { isDisconnected: boolean } | null;
}

type Connect = SentinelConnector['connect'];

/**
 * Finds the primary by its sentinels. In ioredis 6.0 the news of another primary closes a client for good if it comes
 * while the client, which has just lost the old one, asks the sentinels: commands that it had sent then never end.
 * This connector asks again. It is part of the options, so BullMQ's copies of a connection have it, too.
 */
export class SteadySentinelConnector extends SentinelConnector {
  #handled: Detecting['failoverDetector'] = null;
  #mustAskAgain = false;

  /** ioredis hands the options of the client over without their type. */
  constructor(options: unknown) {
    super(options as SentinelConnectionOptions);
  }

  override async connect(...given: Parameters<Connect>): ReturnType<Connect> {
    for (;;) {
      this.#mustAskAgain = false;
      try {
        return await super.connect(...given);
      } catch (error) {
        if (!this.#mustAskAgain) throw error;
      }
    }
  }

  /**
   * Called by the client when it is closed, and by a detector, which marks itself first. When a primary has become a
   * replica, each command under way asks for it, and ioredis would leave a listener at the closed socket each time: Node
   * warns of the eleventh (`MaxListenersExceededWarning`).
   */
  override disconnect(): void {
    const { failoverDetector } = this as unknown as Detecting;
    const isNews = failoverDetector?.isDisconnected === true;
    const isHandled = failoverDetector === this.#handled;
    this.#mustAskAgain = isNews && !isHandled;
    this.#handled = failoverDetector;
    if (isHandled && this.stream?.writableEnded) this.connecting = false;
    else super.disconnect();
  }
}
