import type http from 'node:http';
import { type Handler, rangeOf } from './bad-servers.ts';
import { box } from './box-surgery.ts';

const FTYP = box('ftyp', Buffer.from('isom\0\0\0\0'));
const CHUNK_BYTES = 64 * 1024;

/** A file that has no end: `ftyp`, then the same box again and again. */
export function endlessFile(repeated: Buffer, options: { ranges: boolean }): Handler {
  // A whole number of boxes, so that every chunk begins where one begins.
  const chunk = Buffer.concat(Array(Math.ceil(CHUNK_BYTES / repeated.length)).fill(repeated));
  return (request, response) => {
    const range = options.ranges ? rangeOf(request) : null;
    const first = range?.first ?? 0;
    const start = first < FTYP.length ? Buffer.concat([FTYP, chunk]).subarray(first) : null;
    const offset = (first - FTYP.length) % repeated.length;
    const begin = start ?? Buffer.concat([chunk, chunk]).subarray(offset, offset + chunk.length);
    if (range === null) response.writeHead(200);
    else response.writeHead(206, { 'content-range': `bytes ${first}-${2 ** 40}/*` });
    const last = range?.last ?? Number.POSITIVE_INFINITY;
    pour(response, begin, chunk, last - first + 1);
  };
}

function pour(response: http.ServerResponse, begin: Buffer, chunk: Buffer, length: number): void {
  let left = length;
  const send = (bytes: Buffer): void => {
    if (response.destroyed) return;
    const piece = bytes.subarray(0, left);
    left -= piece.length;
    if (left <= 0) response.end(piece);
    // Node 24 may call back before anything else has had a turn, so that a reader in this process never gets one.
    else response.write(piece, (error) => error ?? setImmediate(send, chunk));
  };
  send(begin);
}
