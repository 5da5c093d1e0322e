// A process that is stopped while something in it never settles.
import { open } from 'node:fs/promises';
import { listenForStop, untilAborted } from '../../../../src/cli/process/signals.ts';

const [kind, pipe = ''] = process.argv.slice(2);
const keepAlive = setInterval(() => undefined, 60_000);

async function command(): Promise<void> {
  using signals = listenForStop(100);
  process.send?.('listening');
  if (kind === 'pipe') await open(pipe, 'r');
  if (kind === 'promise') await new Promise(() => undefined);
  await untilAborted(signals.stopping);
}

await command();
if (kind === 'nothing') {
  clearInterval(keepAlive);
  process.disconnect();
}
