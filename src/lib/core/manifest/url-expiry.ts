import { earliest } from './signature-times.ts';
import { SIGNERS, type Signature } from './url-signers.ts';

/**
 * When a signed URL stops working, in ms since 1970, according to the URL itself; null when it does not say. The
 * earliest of several times counts. Never throws, whatever the text.
 */
export function expiresAtOfUrl(url: string): number | null {
  if (isPlain(url)) return null;
  const parts = takeApart(url);
  if (parts === null || !MARK.test(parts.href)) return null;
  const signatures = signaturesOf(parts, pairsOf(parts.search));
  return earliest(signatures.map(({ endsAtMs }) => endsAtMs));
}

/**
 * A URL without its signature, which stays the same when the same video is signed again. Anything that is not
 * certainly part of a signature stays, and so does the order. A URL without a signature is returned as `URL` writes
 * it, without its fragment. Other text is returned unchanged. The result is not for opening.
 */
export function urlWithoutSignature(url: string): string {
  if (isPlain(url)) return url;
  if (AS_IT_IS.test(url) && !MARK_BY_VALUE.test(url)) return withoutNamed(url);
  const parts = takeApart(url);
  if (parts === null) return url;
  if (!MARK.test(parts.href)) return parts.href;
  const pairs = pairsOf(parts.search);
  const signatures = signaturesOf(parts, pairs);
  if (signatures.length === 0) return parts.href;
  const path = signatures.reduce((kept, { path: next = kept }) => next, parts.path);
  const gone = new Set(signatures.flatMap(({ parameters }) => parameters));
  const kept = pairs.filter(({ name }) => !gone.has(name));
  if (path === parts.path && kept.length === pairs.length) return parts.href;
  const search = kept.map(({ written }) => written).join('&');
  return `${parts.origin}${path}${search === '' ? '' : `?${search}`}`;
}

/**
 * Recognises most unsigned addresses without parsing. `URL` would return them unchanged, they have no query, and
 * signatures in a path contain a `=` or belong to hosts with these names.
 */
const isPlain = (url: string): boolean =>
  !url.includes('?') &&
  /^https?:\/\/(?=[^/]*[a-z-])[a-z0-9.-]+\/[\w./-]*$/.test(url) &&
  !/\/\.|cloudflarestream|videodelivery|googlevideo/.test(url) &&
  !ODD_HOST.test(url);

/** `URL` reads a host whose last part is a number as an IPv4 address, and one with `xn--` by its letters. */
const ODD_HOST = /^https?:\/\/(?:[^/]*\.)?(?:\d[^./]*\.?\/|[^/]*xn--)/;

/** An address as `URL` gives it back, without its fragment. */
interface AddressParts {
  href: string;
  /** Includes user name and password. */
  origin: string;
  host: string;
  path: string;
  /** Without its `?`. */
  search: string;
}

/** Matches the mark of any signer, and a parameter with an encoded name, which may be any. */
const MARK = new RegExp(
  ['[?&][^=&]*[%+]', ...SIGNERS.map(({ mark }) => mark.source)].join('|'),
  'i',
);

/** Addresses that `URL` returns unchanged. Asking `URL` takes several times as long. */
const USUAL =
  /^(https?:\/\/((?:(?!xn--)[a-z0-9-]+\.)+[a-z]{2,}))((?:\/(?!\.|%2e)[\w.~!$&()*+,;=:@%-]*)+)\?([!$-&(-;=?-~]+)$/i;

function takeApart(url: string): AddressParts | null {
  const [href, origin, host, path, search] = USUAL.exec(url) ?? [];
  if (href && origin && host && path && search && origin === origin.toLowerCase()) {
    return { href, origin, host, path, search };
  }
  return URL.canParse(url) ? partsOf(new URL(url)) : null;
}

function partsOf(url: URL): AddressParts {
  url.hash = '';
  const { href, hostname: host, pathname: path, search } = url;
  const origin = href.slice(0, href.length - path.length - search.length);
  return { href, origin, host, path, search: search.slice(1) };
}

/** `USUAL`, but with a host in lower case. */
const AS_IT_IS =
  /^https?:\/\/(?:(?!xn--)[a-z0-9-]+\.)+[a-z]{2,}(?:\/(?!\.|%2[eE])[\w.~!$&()*+,;=:@%-]*)+\?[!$-&(-;=?-~]+$/;

/** Of a signer who is not known by names alone. */
const MARK_BY_VALUE = new RegExp(
  [
    '[?&][^=&]*[%+]',
    ...SIGNERS.flatMap(({ mark, isByName }) => (isByName ? [] : mark.source)),
  ].join('|'),
  'i',
);

/** Which parameters of a query stay, by the names in it; null for all. The rows of a table mostly share one query. */
const keptByNames = new Map<string, ReadonlySet<number> | null>();
const MAX_QUERIES = 100;

/** For an address that only signers known by names can have signed: asking each of them takes ten times as long. */
function withoutNamed(url: string): string {
  const at = url.indexOf('?');
  const search = url.slice(at + 1);
  const names = search.replace(/=[^&]*/g, '=');
  let kept = keptByNames.get(names);
  if (kept === undefined) {
    if (keptByNames.size >= MAX_QUERIES) keptByNames.clear();
    kept = findKept(names);
    keptByNames.set(names, kept);
  }
  if (kept === null) return url;
  const pairs = search.split('&').filter((_, index) => kept.has(index));
  const left = pairs.join('&');
  return left === '' ? url.slice(0, at) : `${url.slice(0, at)}?${left}`;
}

function findKept(names: string): ReadonlySet<number> | null {
  if (!MARK.test(`?${names}`)) return null;
  const pairs = pairsOf(names);
  const gone = new Set(
    signaturesOf({ host: '', path: '' }, pairs).flatMap(({ parameters }) => parameters),
  );
  const kept = pairs.flatMap(({ name }, index) => (gone.has(name) ? [] : [index]));
  return kept.length === pairs.length ? null : new Set(kept);
}

/** One parameter of a query. */
interface Pair {
  /** As written in the address. */
  written: string;
  /** Decoded, in lower case. */
  name: string;
  value: string;
}

const pairsOf = (search: string): Pair[] => (search === '' ? [] : search.split('&').map(readPair));

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

function signaturesOf(
  { host, path }: Pick<AddressParts, 'host' | 'path'>,
  pairs: readonly Pair[],
): Signature[] {
  const query = new Map<string, string>();
  for (const { name, value } of pairs) if (!query.has(name)) query.set(name, value);
  const address = { host, path, query };
  return SIGNERS.map(({ read }) => read(address)).filter((signature) => signature !== null);
}
