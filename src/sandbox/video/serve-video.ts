import { createReadStream, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseByteRange } from './byte-range.ts';
import { parseVideoPath, type VideoRequest } from './video-path.ts';

const CONTENT_TYPES: Record<string, string> = {
  '.mp4': 'video/mp4',
  '.mov': 'video/quicktime',
  '.webm': 'video/webm',
};

const DEFAULT_CONTENT_TYPE = 'application/octet-stream';

interface Page {
  status: number;
  contentType: string;
  body: string;
}

/** Names for typical faults of other people's servers. */
const SPECIAL_PAGES = new Map<string, Page>([
  // A portal's page instead of the file, with a status that says everything is fine.
  [
    'access-denied.mp4',
    {
      status: 200,
      contentType: 'text/html; charset=utf-8',
      body: '<!doctype html>\n<title>Access denied</title>\n<h1>Access denied</h1>\n<p>Sign in to see this file.</p>\n',
    },
  ],
  // Object storage's answer to a wrong or expired signature.
  [
    'forbidden.mp4',
    {
      status: 403,
      contentType: 'application/xml',
      body: '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>\n',
    },
  ],
]);

const NOT_FOUND: Page = {
  status: 404,
  contentType: 'text/plain; charset=utf-8',
  body: 'There is no such video.\n',
};

/** Answers GET and HEAD below `/videos/`; `path` is the decoded rest. Always ends `outgoing`. */
export async function serveVideo(
  videosDir: string,
  path: string,
  exchange: { incoming: IncomingMessage; outgoing: ServerResponse; closing: AbortSignal },
): Promise<void> {
  const { incoming, outgoing, closing } = exchange;
  const request = parseVideoPath(path);
  if (request.delayMs > 0) await sleep(request.delayMs, undefined, { signal: closing });
  if (request.isRedirect) return redirect(outgoing, request.file);
  const page = SPECIAL_PAGES.get(request.file);
  if (page !== undefined) return sendPage(incoming, outgoing, page);
  const file = await findFile(videosDir, request.file);
  if (file === null) return sendPage(incoming, outgoing, NOT_FOUND);
  await sendFile(incoming, outgoing, file, request);
}

async function findFile(videosDir: string, name: string) {
  const path = resolve(join(videosDir, name));
  if (!path.startsWith(resolve(videosDir) + sep)) return null;
  const stats = await stat(path).catch(() => null);
  return stats?.isFile() ? { path, stats } : null;
}

async function sendFile(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  file: { path: string; stats: Stats },
  request: VideoRequest,
): Promise<void> {
  const { size } = file.stats;
  const etag = describeFile(outgoing, file);
  if (incoming.headers['if-none-match'] === etag) return end(outgoing, 304);

  const hasRanges = request.hasRanges && request.hasLength;
  outgoing.setHeader('accept-ranges', hasRanges ? 'bytes' : 'none');
  const range = parseByteRange(hasRanges ? wantedRange(incoming, etag) : undefined, size);
  if (range.kind === 'unsatisfiable') {
    outgoing.setHeader('content-range', `bytes */${size}`);
    return end(outgoing, 416);
  }
  const [start, last] = range.kind === 'part' ? [range.start, range.end] : [0, size - 1];
  if (range.kind === 'part') outgoing.setHeader('content-range', `bytes ${start}-${last}/${size}`);
  if (request.hasLength) outgoing.setHeader('content-length', last - start + 1);
  outgoing.statusCode = range.kind === 'part' ? 206 : 200;
  if (incoming.method === 'HEAD' || size === 0) return end(outgoing, outgoing.statusCode);
  // A reader that has enough disconnects; that is allowed and not an error.
  await pipeline(createReadStream(file.path, { start, end: last }), outgoing).catch(() => {});
}

/** Sets the headers that describe the file and returns its ETag. */
function describeFile(outgoing: ServerResponse, file: { path: string; stats: Stats }): string {
  const { size, mtime } = file.stats;
  const etag = `"${size.toString(16)}-${Math.trunc(mtime.getTime()).toString(16)}"`;
  outgoing.setHeader('etag', etag);
  outgoing.setHeader('last-modified', mtime.toUTCString());
  outgoing.setHeader('content-type', CONTENT_TYPES[extname(file.path)] ?? DEFAULT_CONTENT_TYPE);
  return etag;
}

/** `If-Range` with another ETag asks for the whole file, because it has changed (RFC 9110, section 13.1.5). */
function wantedRange({ headers }: IncomingMessage, etag: string): string | undefined {
  const condition = headers['if-range'];
  return condition === undefined || condition === etag ? headers.range : undefined;
}

function redirect(outgoing: ServerResponse, file: string): void {
  outgoing.setHeader('location', `/videos/${file.split('/').map(encodeURIComponent).join('/')}`);
  end(outgoing, 302);
}

function sendPage(incoming: IncomingMessage, outgoing: ServerResponse, page: Page): void {
  outgoing.setHeader('content-type', page.contentType);
  outgoing.setHeader('content-length', Buffer.byteLength(page.body));
  outgoing.statusCode = page.status;
  outgoing.end(incoming.method === 'HEAD' ? undefined : page.body);
}

function end(outgoing: ServerResponse, status: number): void {
  outgoing.statusCode = status;
  outgoing.end();
}
