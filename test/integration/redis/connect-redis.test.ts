import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectRedis, type RedisServer } from '../../../src/lib/redis/connection.ts';
import {
  findFreePort,
  type PrivateRedis,
  startPrivateRedis,
} from '../../setup/redis/private-redis.ts';
import { startSentinel, tell } from '../../setup/redis/redis-groups.ts';
import { silentServer } from '../../setup/silent-server.ts';

/** How connecting ends: the kind and the message, or null when it went well. */
async function outcomeOf(server: RedisServer): Promise<string | null> {
  try {
    const redis = await connectRedis(server, 'test', 'impatient');
    redis.disconnect();
    return null;
  } catch (error) {
    const { kind, message } = error as { kind: string; message: string };
    return `${kind}: ${message}`;
  }
}

describe.concurrent('single server', () => {
  let server: PrivateRedis;
  beforeAll(async () => {
    server = await startPrivateRedis(['--databases', '4']);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test('a single server is used with the database that its address names', async () => {
    const redis = await connectRedis({ url: `${server.url}/3` }, 'test', 'impatient');
    await redis.set('where', 'three');
    redis.disconnect();
    expect(await tell(server.url, 'GET', 'where')).toBeNull();
  });

  test('a single server is refused if it does not have that database', async () => {
    expect(await outcomeOf({ url: `${server.url}/4` })).toMatch(
      /^unsuitable: .*DB index is out of range\. Check the database in REDIS_URL/,
    );
  });

  test('a single server is refused as a cluster, with the scheme to write instead', async () => {
    expect(await outcomeOf({ url: `redis+cluster://127.0.0.1:${server.port}` })).toMatch(
      /^unsuitable: .*begin REDIS_URL with redis:\/\/ or rediss:\/\/ instead/,
    );
  });

  test('a single server is refused as a sentinel, with the scheme to write instead', async () => {
    expect(await outcomeOf({ url: `redis+sentinel://127.0.0.1:${server.port}/main` })).toMatch(
      /^unsuitable: .*begin REDIS_URL with redis:\/\/ or rediss:\/\/ instead/,
    );
  });

  test('a single server is refused when its user may not read INFO', async () => {
    await tell(server.url, 'ACL', 'SETUSER', 'blind', 'on', '>pw', '~*', '&*', '+@all', '-info');
    expect(await outcomeOf({ url: `redis://blind:pw@127.0.0.1:${server.port}` })).toMatch(
      /^unsuitable: .*NOPERM.*Rights in Redis/,
    );
  });
});

describe.concurrent('a command gives up within 5 s', () => {
  // A timer of this process, so that a busy machine delays both.
  const in5s = async () => await wait(5_000, 'later');

  test('if nothing listens', async () => {
    const url = `redis://127.0.0.1:${await findFreePort()}`;
    expect(await Promise.race([outcomeOf({ url }), in5s()])).toMatch(/^unreachable: /);
  });

  test('if nothing listens at a socket, and the advice is about sockets', async () => {
    expect(await outcomeOf({ url: 'unix:///nowhere/redis.sock' })).toMatch(
      /^unreachable: .*ENOENT .*Check REDIS_URL, that the server runs, and that this user may use its socket\.$/,
    );
  });

  test('if a server does not answer', async () => {
    await using server = await silentServer('before the status line');
    const url = `redis://${server.host}`;
    expect(await Promise.race([outcomeOf({ url }), in5s()])).toMatch(/^unreachable: /);
  });
});

test.concurrent('a node of a cluster is refused behind redis://, with the address to write instead', async () => {
  const bus = String(await findFreePort());
  await using node = await startPrivateRedis(['--cluster-enabled', 'yes', '--cluster-port', bus]);
  expect(await outcomeOf({ url: node.url })).toBe(
    `unsuitable: Redis at ${node.url} is a node of a cluster; write redis+cluster://127.0.0.1:${node.port} in REDIS_URL.`,
  );
});

test.concurrent('a cluster that its client cannot use is refused with what its node says', {
  timeout: 30_000,
}, async ({ expect }) => {
  const bus = String(await findFreePort());
  await using node = await startPrivateRedis(['--cluster-enabled', 'yes', '--cluster-port', bus]);
  const url = node.url.replace('redis:', 'redis+cluster:');
  const elsewhere = await findFreePort();

  expect(await outcomeOf({ url })).toBe(
    `unsuitable: Redis at ${url} cannot be used: its nodes hold no slots yet. Make the cluster with \`redis-cli --cluster create\`.`,
  );
  await tell(node.url, 'CLUSTER', 'ADDSLOTSRANGE', '0', '16382');
  expect(await outcomeOf({ url })).toBe(
    `unsuitable: Redis at ${url} cannot be used: its nodes do not know their own addresses. Set cluster-announce-ip on each node.`,
  );
  await tell(node.url, 'CONFIG', 'SET', 'cluster-announce-ip', '127.0.0.1');
  await tell(node.url, 'CONFIG', 'SET', 'cluster-announce-port', String(elsewhere));
  expect(await outcomeOf({ url })).toBe(
    `unreachable: Redis at ${url} cannot be used: its nodes say that they are at 127.0.0.1:${elsewhere}. Make them reachable from here, or set cluster-announce-ip on each node.`,
  );
  await tell(node.url, 'CONFIG', 'SET', 'cluster-announce-port', String(node.port));
  expect(await outcomeOf({ url })).toBe(
    `unreachable: Redis at ${url} cannot be used: it does not serve all slots at the moment. Try again after its failover; \`redis-cli --cluster check\` says what is missing.`,
  );
  await tell(node.url, 'CLUSTER', 'ADDSLOTS', '16383');
  // A node waits two seconds before it says that its cluster can serve.
  await expect.poll(() => outcomeOf({ url }), { timeout: 20_000 }).toBeNull();
});

test.concurrent('a sentinel is refused behind redis://, and so is a name that it does not know', async () => {
  await using primary = await startPrivateRedis();
  await using _replica = await startPrivateRedis(['--replicaof', `127.0.0.1 ${primary.port}`]);
  await using sentinel = await startSentinel(primary);
  const host = sentinel.url.replace(/^redis\+sentinel:\/\/|\/.*$/g, '');

  expect(await outcomeOf({ url: `redis://${host}` })).toMatch(
    /^unsuitable: .* is a sentinel; write redis\+sentinel:/,
  );
  expect(await outcomeOf({ url: `redis+sentinel://${host}/other` })).toMatch(
    /^unsuitable: .*know no primary of that name/,
  );
  expect(await outcomeOf({ url: sentinel.url })).toBeNull();
});

describe.concurrent('server with TLS', () => {
  let server: PrivateRedis;
  let url: string;
  let folder: string;
  let ca: Buffer;
  let client: { cert: Buffer; key: Buffer };

  beforeAll(async () => {
    const authority = await generate([{ name: 'commonName', value: 'test authority' }], {
      extensions: [
        { name: 'basicConstraints', cA: true },
        { name: 'keyUsage', keyCertSign: true, digitalSignature: true },
      ],
    });
    const signer = { cert: authority.cert, key: authority.private };
    const own = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
      ca: signer,
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
    });
    const person = await generate([{ name: 'commonName', value: 'worker' }], { ca: signer });
    ca = Buffer.from(authority.cert);
    client = { cert: Buffer.from(person.cert), key: Buffer.from(person.private) };
    const port = String(await findFreePort());
    folder = await mkdtemp(join(tmpdir(), 'kling-certificates-'));
    server = await startPrivateRedis(await tlsArguments(folder, port, authority.cert, own));
    url = `rediss://127.0.0.1:${port}`;
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  test('a server with TLS is used with its authority and a client certificate', async () => {
    expect(await outcomeOf({ url, tls: { ca, ...client } })).toBeNull();
  });

  test('a server with TLS is refused without its authority, and the message names the setting', async () => {
    expect(await outcomeOf({ url, tls: client })).toMatch(/^unsuitable: .*REDIS_CA_FILE/);
  });

  test('a server with TLS is refused without the client certificate, and the message names the settings', async () => {
    expect(await outcomeOf({ url, tls: { ca } })).toMatch(
      // Some clients see the server's alert, others only that it closed the connection.
      /REDIS_CERT_FILE/,
    );
  });

  test('a server with TLS is refused under a name that its certificate does not hold', async () => {
    const other = url.replace('127.0.0.1', 'localhost');
    expect(await outcomeOf({ url: other, tls: { ca, ...client } })).toMatch(
      /^unsuitable: .*name that the server's certificate is made for/,
    );
  });
});

async function tlsArguments(
  folder: string,
  port: string,
  authority: string,
  own: { cert: string; private: string },
): Promise<string[]> {
  const files = { 'ca.pem': authority, 'own.pem': own.cert, 'own.key': own.private };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return [
    ...['--tls-port', port, '--tls-auth-clients', 'yes'],
    ...['--tls-ca-cert-file', join(folder, 'ca.pem')],
    ...['--tls-cert-file', join(folder, 'own.pem'), '--tls-key-file', join(folder, 'own.key')],
  ];
}
