// Preloaded into a process (`node --import`): while the file END_CONNECTIONS exists, each client of Redis that loses its
// connection ends for good, as when ioredis gives up by a fault of its own.
import { existsSync } from 'node:fs';
import net from 'node:net';

const { createConnection } = net;
net.createConnection = (...given) => {
  if (existsSync(process.env.END_CONNECTIONS)) throw new Error('Connection is closed.');
  return createConnection(...given);
};
