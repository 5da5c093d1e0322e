// A process that uses a private Redis. It ends with 1 if it is still running well after it left the server.
import { startPrivateRedis } from '../../../../src/cli/wiring/private-redis/private-redis.ts';

const LATE_MS = 1_500;

const own = await startPrivateRedis(process.argv[2] ?? '');
await own[Symbol.asyncDispose]();
setTimeout(() => {
  process.exitCode = 1;
}, LATE_MS).unref();
