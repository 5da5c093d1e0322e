/**
 * What the first bytes of a file are.
 *  *
 * - `boxes`: may be MP4 or MOV; only a walk over its boxes shows it.
 * - `container`: certainly another video or audio container.
 * - `other`: certainly not a video; `description` has an article, for example `an HTML page titled "Access denied"`.
 */
export type Sniffed =
  | { kind: 'boxes' }
  | { kind: 'container'; container: string }
  | { kind: 'other'; description: string };

/** Bytes that are searched for a page's title. */
const TEXT_BYTES = 4096;

/** Never throws, whatever the bytes. */
export function sniff(head: Buffer): Sniffed {
  const container = CONTAINERS.find(({ matches }) => matches(head));
  if (container !== undefined) {
    return { kind: 'container', container: container.name };
  }
  const other = OTHERS.find(({ matches }) => matches(head));
  const description = other?.name ?? describeText(head);
  return description === undefined ? { kind: 'boxes' } : { kind: 'other', description };
}

interface Signature {
  name: string;
  matches: (head: Buffer) => boolean;
}

function startsWith(...bytes: (string | number)[]): (head: Buffer) => boolean {
  const start = Buffer.concat(
    bytes.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.of(part))),
  );
  return (head) => head.subarray(0, start.length).equals(start);
}

const isRiff = startsWith('RIFF');
const isEbml = startsWith(0x1a, 0x45, 0xdf, 0xa3);

function riff(form: string): (head: Buffer) => boolean {
  return (head) => isRiff(head) && head.toString('latin1', 8, 12) === form;
}

/** Packets of 188 bytes that begin with 0x47; in M2TS each has four bytes of time code before it. */
function isTransportStream(head: Buffer, first: number, packetSize: number): boolean {
  return [0, 1, 2].every((packet) => head[first + packet * packetSize] === 0x47);
}

const CONTAINERS: Signature[] = [
  { name: 'webm', matches: (head) => isEbml(head) && head.subarray(0, 64).includes('webm') },
  { name: 'matroska', matches: isEbml },
  { name: 'avi', matches: riff('AVI ') },
  { name: 'wav', matches: riff('WAVE') },
  { name: 'mpegts', matches: (head) => isTransportStream(head, 0, 188) },
  { name: 'm2ts', matches: (head) => isTransportStream(head, 4, 192) },
  { name: 'mpegps', matches: startsWith(0, 0, 1, 0xba) },
  { name: 'mpegvideo', matches: startsWith(0, 0, 1, 0xb3) },
  { name: 'flv', matches: startsWith('FLV', 1) },
  { name: 'ogg', matches: startsWith('OggS') },
  { name: 'asf', matches: startsWith(0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11) },
  { name: 'mp3', matches: startsWith('ID3') },
  { name: 'flac', matches: startsWith('fLaC') },
  { name: 'realmedia', matches: startsWith('.RMF') },
  { name: 'mxf', matches: startsWith(6, 0x0e, 0x2b, 0x34, 2, 5, 1, 1) },
];

const OTHERS: Signature[] = [
  { name: 'an HLS playlist', matches: startsWith('#EXTM3U') },
  { name: 'a GIF image', matches: startsWith('GIF8') },
  { name: 'a PNG image', matches: startsWith(0x89, 'PNG') },
  { name: 'a JPEG image', matches: startsWith(0xff, 0xd8, 0xff) },
  { name: 'a WebP image', matches: riff('WEBP') },
  { name: 'a PDF document', matches: startsWith('%PDF-') },
  { name: 'a ZIP archive', matches: startsWith('PK', 3, 4) },
  { name: 'a gzip archive', matches: startsWith(0x1f, 0x8b) },
];

function describeText(head: Buffer): string | undefined {
  const text = head
    .toString('utf8', 0, TEXT_BYTES)
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (/^(<!doctype html|<html|<head|<body|<script|<!--)/i.test(text)) {
    const title = htmlTitle(text);
    return title === undefined ? 'an HTML page' : `an HTML page titled "${title}"`;
  }
  if (/^<\?xml|^<Error>|^<MPD/.test(text)) {
    return 'an XML document';
  }
  return /^[{[]\s*["{[\]}]/.test(text) ? 'a JSON document' : undefined;
}

const MAX_TITLE_LENGTH = 80;

/** The page's title in one line; undefined when there is none. */
export function htmlTitle(text: string): string | undefined {
  const title = /<title[^>]*>([^<]*)<\/title/i
    .exec(text)?.[1]
    ?.replace(/[\p{C}\s"]+/gu, ' ')
    .trim();
  return title ? title.slice(0, MAX_TITLE_LENGTH) : undefined;
}
