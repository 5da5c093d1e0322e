import { describe } from 'vitest';
import { describeAnySequence } from './batch-store/any-sequence.ts';
import { describeDispatching } from './batch-store/dispatching.ts';
import type { OpenBatchStores } from './batch-store/examples.ts';
import { describeImporting } from './batch-store/importing.ts';
import { describeIncarnations } from './batch-store/incarnations.ts';
import { describeProgress } from './batch-store/progress.ts';
import { describeRecording } from './batch-store/recording.ts';
import { describeRepeatedSessions } from './batch-store/repeated-sessions.ts';
import { describeStates } from './batch-store/states.ts';

/** The contract of every batch store. `open` gives stores with the same, empty data, each on its own connection. */
export function describeBatchStore(name: string, open: OpenBatchStores): void {
  describe(name, () => {
    describeImporting(open);
    describeIncarnations(open);
    describeDispatching(open);
    describeProgress(open);
    describeRecording(open);
    describeRepeatedSessions(open);
    describeStates(open);
    describeAnySequence(open);
  });
}
