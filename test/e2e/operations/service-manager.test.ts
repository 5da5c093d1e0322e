import { spawn } from 'node:child_process';
import { expect } from 'vitest';
import { findProgram } from '../../../scripts/find-program.mjs';
import { test, type Workplace } from '../e2e-test.ts';

/** Node has no datagram sockets of the Unix kind. */
const RECEIVER = `
import socket, sys
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
print('bound', flush=True)
while True:
    print(receiver.recv(4096).decode().replace('\\n', ' '), flush=True)
`;

const canNotify = ['systemd-notify', 'python3'].every(
  (name) => findProgram([name], process.env.PATH) !== undefined,
);

/** What a service manager receives on the socket, line by line. */
class ServiceManager implements AsyncDisposable {
  readonly socket: string;
  readonly #process: ReturnType<typeof spawn>;
  #heard = '';
  #onHeard: () => void = () => undefined;

  constructor(place: Workplace) {
    this.socket = place.path('notify.sock');
    this.#process = spawn('python3', ['-c', RECEIVER, this.socket]);
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#heard += text;
      this.#onHeard();
    });
  }

  async waitFor(text: string): Promise<void> {
    while (!this.#heard.includes(text)) {
      await new Promise<void>((resolve) => {
        this.#onHeard = resolve;
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill();
  }
}

test.skipIf(!canNotify).for([['worker'], ['dashboard', '--dashboard-port', '0']])(
  '%s tells systemd that it is ready, that it lives, and that it stops',
  async (command, { place }) => {
    await place.redis();
    await place.api();
    await using manager = new ServiceManager(place);
    await manager.waitFor('bound');
    const env = { NOTIFY_SOCKET: manager.socket, WATCHDOG_USEC: '1000000' };

    const process = place.start(command, { env });
    await manager.waitFor('READY=1');
    await manager.waitFor('WATCHDOG=1');
    process.kill('SIGTERM');
    await manager.waitFor('STOPPING=1');

    expect(await process.result()).toMatchObject({ exitCode: 0 });
  },
);
