// Global set-up of the unit tests: makes the videos that they read, once. Test files that make the same ones side by
// side would each encode them.

import { makeCorpus } from '../corpus/make-corpus.ts';
import { NON_VIDEOS, VIDEOS } from '../corpus/recipes.ts';
import { RECORDERS } from '../corpus/recorders.ts';

export async function setup(): Promise<void> {
  await makeCorpus(Object.keys({ ...VIDEOS, ...NON_VIDEOS, ...RECORDERS }));
}
