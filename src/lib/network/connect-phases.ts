import type { Socket } from 'node:net';

/** Waits for one thing at a time. `onLate` gets what did not come in time. */
export class PhaseWatch {
  readonly #onLate: (what: string) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(onLate: (what: string) => void) {
    this.#onLate = onLate;
  }

  expect(otherwise: string, withinMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#onLate(`${otherwise} in time`), withinMs);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

interface ConnectPhases {
  isTls: boolean;
  /** Resolving, connecting and the TLS handshake, each. */
  connectMs: number;
  watch: PhaseWatch;
  /** A request can be written. */
  onConnected: () => void;
}

/** Watches a socket that is connecting, phase by phase. */
export function watchConnecting(socket: Socket, phases: ConnectPhases): void {
  const { isTls, connectMs, watch, onConnected } = phases;
  watch.expect('the name was not resolved', connectMs);
  socket.once('lookup', () => watch.expect('no connection was made', connectMs));
  socket.once('connect', () => {
    if (isTls) watch.expect('no TLS session was made', connectMs);
    else onConnected();
  });
  if (isTls) socket.once('secureConnect', onConnected);
}
