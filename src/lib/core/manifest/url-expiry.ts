import { earliest } from './signature-times.ts';
import { SIGNERS, type Signature } from './url-signers.ts';

/**
 * When a signed URL stops working, in ms since 1970, according to the URL itself; null when it does not say. The
 * earliest of several times counts. Never throws, whatever the text.
 */
export function expiresAtOfUrl(url: string): number | null {
  if (isPlain(url)) return null;
  const parsed = parse(url);
  if (parsed === null) return null;
  return earliest(signaturesOf(parsed, pairsOf(parsed)).map(({ endsAtMs }) => endsAtMs));
}

/**
 * A URL without its signature, which stays the same when the same video is signed again. Anything that is not
 * certainly part of a signature stays, and so does the order. A URL without a signature is returned as `URL` writes
 * it, without its fragment. Other text is returned unchanged. The result is not for opening.
 */
export function urlWithoutSignature(url: string): string {
  if (isPlain(url)) return url;
  const parsed = parse(url);
  if (parsed === null) return url;
  const pairs = pairsOf(parsed);
  const signatures = signaturesOf(parsed, pairs);
  parsed.hash = '';
  if (signatures.length === 0) return parsed.href;
  const path = signatures.reduce((kept, { path: next = kept }) => next, parsed.pathname);
  if (path !== parsed.pathname) parsed.pathname = path;
  const gone = new Set(signatures.flatMap(({ parameters }) => parameters));
  const kept = pairs.filter(({ name }) => !gone.has(name));
  if (kept.length < pairs.length) parsed.search = kept.map(({ written }) => written).join('&');
  return parsed.href;
}

/**
 * Most addresses show at one look that nobody signed them: `URL` would give them back as they are, without a query, and
 * signatures in a path have a `=`, or belong to hosts with these names.
 */
const isPlain = (url: string): boolean =>
  /^https?:\/\/[a-z0-9.-]*[a-z-][a-z0-9.-]*\/[\w./-]*$/.test(url) &&
  !/\/\.|cloudflarestream|videodelivery|googlevideo/.test(url) &&
  !ODD_HOST.test(url);

/** `URL` reads a host whose last part is a number as an IPv4 address, and one with `xn--` by its letters. */
const ODD_HOST = /^https?:\/\/(?:[^/]*\.)?(?:\d[^./]*\.?\/|[^/]*xn--)/;

function parse(url: string): URL | null {
  try {
    return new URL(url);
  } catch {
    return null;
  }
}

/** One parameter of a query. */
interface Pair {
  /** As it stands there. */
  written: string;
  /** Decoded, in lower case. */
  name: string;
  value: string;
}

const pairsOf = ({ search }: URL): Pair[] =>
  search === '' ? [] : search.slice(1).split('&').map(readPair);

/** Most have nothing to decode, which is what takes time. */
function readPair(written: string): Pair {
  if (!/[%+]/.test(written)) {
    const at = written.indexOf('=');
    const end = at < 0 ? written.length : at;
    return { written, name: written.slice(0, end).toLowerCase(), value: written.slice(end + 1) };
  }
  const [[name, value] = ['', '']] = new URLSearchParams(written);
  return { written, name: name.toLowerCase(), value };
}

function signaturesOf({ hostname, pathname }: URL, pairs: readonly Pair[]): Signature[] {
  const query = new Map<string, string>();
  for (const { name, value } of pairs) if (!query.has(name)) query.set(name, value);
  const address = { host: hostname, path: pathname, query };
  return SIGNERS.map(({ read }) => read(address)).filter((signature) => signature !== null);
}
