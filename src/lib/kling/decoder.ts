import type { Transform } from 'node:stream';
import { constants, createBrotliDecompress, createUnzip } from 'node:zlib';

/** A body that is cut off is decoded as far as it goes. */
const PARTIAL = { finishFlush: constants.Z_SYNC_FLUSH };

/** For servers that compress without being asked. Null for a body that is read as it is. */
export function decoderOf(contentEncoding: string | undefined): Transform | null {
  switch (contentEncoding?.toLowerCase()) {
    case 'gzip':
    case 'x-gzip':
    case 'deflate':
      return createUnzip(PARTIAL);
    case 'br':
      return createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH });
    default:
      return null;
  }
}
