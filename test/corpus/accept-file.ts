import type { VideoFacts } from '../../src/lib/core/video/video.ts';
import {
  acceptPlainHeader,
  readPlainHeader,
} from '../../src/lib/video/header/read-plain-header.ts';
import { FragmentCollector } from '../../src/lib/video/mp4/fragments.ts';
import { locateMoov } from '../../src/lib/video/mp4/locate-moov.ts';
import { splitAtBoxes } from '../../src/lib/video/mp4/split-at-boxes.ts';
import { ReadError } from '../../src/lib/video/read-error.ts';

/**
 * The header reader's result for a whole file, without a server and without ffprobe; `read` also for one that it
 * would not accept.
 */
export async function readFilePlainly(
  file: Buffer,
  how: 'accept' | 'read',
): Promise<VideoFacts | null> {
  const located = await locateMoov(async (first, length) => {
    const size = typeof length === 'number' ? length : file.length;
    const bytes = file.subarray(first, first + size);
    return first >= file.length ? null : { bytes, totalBytes: file.length };
  }).catch((error: unknown) => {
    if (error instanceof ReadError) return null;
    throw error;
  });
  if (located?.kind !== 'moov') return null;
  const fragments = new FragmentCollector();
  for await (const piece of splitAtBoxes(oneChunk(file))) fragments.add(piece);
  const header = { ...located, moofs: fragments.plainMoofs };
  return how === 'accept' ? acceptPlainHeader(header) : readPlainHeader(header);
}

async function* oneChunk(file: Buffer): AsyncGenerator<Buffer> {
  yield file;
}
