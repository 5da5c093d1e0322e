import type { Cluster, Redis } from 'ioredis';

/**
 * Repairs faults of ioredis 6.0 in a cluster's client and its duplicates, which show while the cluster cannot
 * serve, as during a failover.
 */
export function steadyCluster(cluster: Cluster): Cluster {
  const connect = cluster.connect.bind(cluster);
  const duplicate = cluster.duplicate.bind(cluster);
  const disconnect = cluster.disconnect.bind(cluster);
  cluster.connect = () => settled(cluster, connect());
  cluster.duplicate = ((...given: Parameters<Cluster['duplicate']>) =>
    steadyCluster(duplicate(...given) as Cluster)) as Cluster['duplicate'];
  // As in `GatheringRedis`.
  cluster.disconnect = (reconnect = false) => {
    if (cluster.status === 'reconnecting' && !reconnect) cluster.status = 'wait';
    disconnect(reconnect);
  };
  steadySubscriber(cluster);
  return cluster;
}

/** What a client keeps to itself: its connection for subscriptions, and how it chooses another one. */
interface Subscribing {
  subscriber: {
    subscriber: Redis | null;
    /** The last one whose subscriptions stood; it names the channels to subscribe to again. */
    lastActiveSubscriber?: Redis;
    selectSubscriber(): void;
    onSubscriberEnd(): void;
  };
}

const RESUBSCRIBE_MS = 200;

/**
 * While no node takes its subscriptions, a client tries the next one at once: thousands of times a second, which takes
 * a whole core. At each attempt it also disconnects the last subscriber again, which leaves a listener at a closed
 * socket: Node warns of the eleventh (`MaxListenersExceededWarning`), and their number grows until the outage ends.
 */
function steadySubscriber(cluster: Cluster): void {
  const { subscriber: held } = cluster as unknown as Subscribing;
  const select = held.selectSubscriber.bind(held);
  const chooseAnother = held.onSubscriberEnd;
  held.selectSubscriber = () => {
    const last = held.lastActiveSubscriber;
    select();
    if (last !== undefined) last.disconnect = () => undefined;
  };
  held.onSubscriberEnd = () => {
    const ended = held.subscriber;
    const retry = (): void => {
      if (held.subscriber === ended) chooseAnother();
    };
    setTimeout(retry, RESUBSCRIBE_MS).unref();
  };
}

/**
 * Like `connecting`, and rejects when the client closes. If the cluster answers that it cannot serve yet, the client
 * closes and tries again under another promise, and the first one stays pending for ever. BullMQ waits for that one,
 * and its queue would never continue.
 */
async function settled(cluster: Cluster, connecting: Promise<void>): Promise<void> {
  let stopListening = (): void => undefined;
  const closed = new Promise<never>((_, reject) => {
    // Comes later than `connecting`, whose error says more.
    const onClose = (): void => void setImmediate(reject, new Error('Connection is closed.'));
    cluster.once('close', onClose);
    stopListening = () => cluster.off('close', onClose);
  });
  try {
    await Promise.race([connecting, closed]);
  } finally {
    stopListening();
  }
}
