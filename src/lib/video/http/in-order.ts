import { finished, type Readable } from 'node:stream';

/** Chunks that may wait before the stream is paused. */
const MAX_WAITING_CHUNKS = 8;

/**
 * The chunks of a stream, and only then its error. A stream that is iterated directly discards its buffer when it
 * breaks. This would lose the end of a file whose server promised more. Leaving early destroys it.
 */
export async function* inOrder(stream: Readable): AsyncGenerator<Buffer> {
  const waiting: Buffer[] = [];
  let ended: { error: unknown } | null = null;
  let wake: () => void = () => {};
  const finish = (error?: unknown) => {
    ended ??= { error };
    wake();
  };
  finished(stream, { writable: false }, finish);
  stream.on('data', (chunk: Buffer) => {
    waiting.push(chunk);
    if (waiting.length >= MAX_WAITING_CHUNKS) {
      stream.pause();
    }
    wake();
  });
  try {
    while (waiting.length > 0 || ended === null) {
      const chunk = waiting.shift();
      if (chunk === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          stream.resume();
        });
      } else {
        yield chunk;
      }
    }
    throwIfBroken(ended);
  } finally {
    if (ended === null) {
      stream.destroy();
    }
  }
}

function throwIfBroken({ error }: { error: unknown }): void {
  if (error !== undefined && error !== null) {
    throw error;
  }
}
