import type { Cluster } from 'ioredis';

/**
 * Makes every `connect()` of a cluster's client and of its duplicates end. In ioredis 6.0 such a promise stays
 * pending for ever if the cluster answers that it cannot serve yet, as during a failover: the client closes, and
 * tries again under another promise. BullMQ waits for the first promise, and its queue would never continue.
 */
export function settleConnect(cluster: Cluster): Cluster {
  const connect = cluster.connect.bind(cluster);
  const duplicate = cluster.duplicate.bind(cluster);
  cluster.connect = () => settled(cluster, connect());
  cluster.duplicate = ((...given: Parameters<Cluster['duplicate']>) =>
    settleConnect(duplicate(...given) as Cluster)) as Cluster['duplicate'];
  return cluster;
}

/** Like `connecting`, and rejects when the client closes. */
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
