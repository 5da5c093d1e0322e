import type { Signature } from './signature.ts';
import { earliest } from './signature-times.ts';
import { SIGNERS, type Signer } from './url-signers.ts';

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
  const known = AS_IT_IS.test(url) && !WORD.test(url) ? withoutNamed(url) : null;
  if (known !== null) return known;
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

/** A parameter with an encoded name, which may be any. */
const ENCODED_NAME = '[?&][^=&]*[%+]';

const WORDS = SIGNERS.flatMap(({ marks }) => marks.words ?? []);
const WORD = new RegExp(WORDS.join('|'), 'i');

const parameterOf = (signers: readonly Signer[]): string =>
  `[?&](?:${signers.flatMap(({ marks }) => marks.parameters ?? []).join('|')})=`;

/** Matches a mark of any signer. */
const MARK = new RegExp([ENCODED_NAME, parameterOf(SIGNERS), ...WORDS].join('|'), 'i');

/** Matches a parameter that alone does not tell whether an address is signed. */
const ASKS_VALUE = new RegExp(
  `${ENCODED_NAME}|${parameterOf(SIGNERS.filter(({ isByName }) => !isByName))}`,
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

/** What the names in a query say; the rows of a table mostly share theirs. */
interface QueryForm {
  /** Each name with its `=`, in order; null if a parameter has no `=`. */
  names: readonly string[] | null;
  /** Which parameters are not part of a signature; `all`; or null if their values decide. */
  kept: ReadonlySet<number> | 'all' | null;
}

const FORMS = new Map<string, QueryForm>();
const MAX_FORMS = 100;
/**
 * The form of the latest query. Checking that the next query has the same form takes a tenth of the time of analysing
 * it.
 */
let latest: QueryForm = { names: null, kept: null };

/**
 * The address without its signature, if the names of its parameters show what that is; otherwise null. Trying each
 * signer takes ten times as long.
 */
function withoutNamed(url: string): string | null {
  const at = url.indexOf('?');
  if (!hasNames(url, at + 1, latest.names)) latest = formOf(url.slice(at + 1));
  const { kept } = latest;
  if (kept === null) return null;
  if (kept === 'all') return url;
  const pairs = kept.size === 0 ? [] : url.slice(at + 1).split('&');
  const search = pairs.filter((_, index) => kept.has(index)).join('&');
  // The kept part may be a single empty parameter.
  return search === '' ? url.slice(0, at) : `${url.slice(0, at)}?${search}`;
}

/** Whether exactly these names follow from `at` on. */
function hasNames(url: string, at: number, names: QueryForm['names']): boolean {
  if (names === null) return false;
  let start = at;
  for (const name of names) {
    if (!url.startsWith(name, start)) return false;
    const end = url.indexOf('&', start + name.length);
    start = end < 0 ? url.length + 1 : end + 1;
  }
  return start > url.length;
}

function formOf(search: string): QueryForm {
  const bare = search.replace(/=[^&]*/g, '=');
  const known = FORMS.get(bare);
  if (known) return known;
  if (FORMS.size >= MAX_FORMS) FORMS.clear();
  const names = bare.split('&');
  const form: QueryForm = {
    names: names.every((name) => name.endsWith('=')) ? names : null,
    kept: ASKS_VALUE.test(`?${bare}`) ? null : findKept(bare),
  };
  FORMS.set(bare, form);
  return form;
}

function findKept(names: string): ReadonlySet<number> | 'all' {
  if (!MARK.test(`?${names}`)) return 'all';
  const pairs = pairsOf(names);
  const gone = new Set(
    signaturesOf({ host: '', path: '' }, pairs).flatMap(({ parameters }) => parameters),
  );
  const kept = pairs.flatMap(({ name }, index) => (gone.has(name) ? [] : [index]));
  return kept.length === pairs.length ? 'all' : new Set(kept);
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

/** Decoding takes time, and most have nothing to decode. */
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
