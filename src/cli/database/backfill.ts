import { formatCount, formatRows } from '../../lib/core/in-words.ts';
import { ResultsCopier } from '../../lib/database/copy-results.ts';
import type { ResultsDatabase } from '../../lib/database/results-database.ts';
import type { Stores } from '../../library/wiring/stores.ts';
import { EXIT, type ExitCode } from '../process/exit.ts';
import { listenForStop } from '../process/signals.ts';
import { growHeapSlowly } from '../process/small-heap.ts';
import type { Terminal } from '../process/terminal.ts';

/** Copies everything that the database lacks, older batches, too. A worker may copy at the same time. */
export async function backfill(
  { stores, terminal, database }: { stores: Stores; terminal: Terminal; database: ResultsDatabase },
  flags: { again: boolean; json: boolean },
): Promise<ExitCode> {
  using signals = listenForStop(0);
  growHeapSlowly();
  const { feed, overview } = stores;
  let batches = 0;
  for await (const batch of overview.listBatches()) {
    // A batch that is older than the feed joins it here.
    await feed.firstEventOf(batch);
    batches += 1;
  }
  if (flags.again) await database.rewind(await feed.readId());
  const copier = new ResultsCopier({ ...stores, database });
  let copied = 0;
  await copier.copyToEnd({
    signal: signals.stopping,
    onCopied: async ({ results }) => {
      if (Math.floor(results / SHOWN_EACH) > Math.floor(copied / SHOWN_EACH)) {
        terminal.say(`${formatRows(results)} copied.`);
      }
      copied = results;
    },
  });
  if (flags.json) terminal.print(JSON.stringify({ batches, copied }));
  else terminal.print(`${formatRows(copied)} of ${countBatches(batches)} copied.`);
  return signals.stopping.aborted ? EXIT.interrupted : EXIT.ok;
}

const SHOWN_EACH = 100_000;

const countBatches = (count: number): string =>
  count === 1 ? '1 batch' : `${formatCount(count)} batches`;
