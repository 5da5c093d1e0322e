import { earliest } from './signature-times.ts';
import { SIGNERS, type Signature } from './url-signers.ts';

/**
 * When a signed URL stops working, in ms since 1970, as the URL itself tells; null when it does not. Of several ends
 * the earliest counts. Never throws, whatever the text.
 */
export function expiresAtOfUrl(url: string): number | null {
  return URL.canParse(url)
    ? earliest(signaturesOf(new URL(url)).map(({ endsAtMs }) => endsAtMs))
    : null;
}

/**
 * A URL without its signature: what stays the same when the same video is signed again. What is not certainly part of a
 * signature stays, and so does the order; without a signature the URL comes back in the form that `URL` gives it, without
 * its fragment. Text that is no URL comes back as it is. Not an address to be opened.
 */
export function urlWithoutSignature(url: string): string {
  if (!URL.canParse(url)) return url;
  const bare = new URL(url);
  bare.hash = '';
  for (const { parameters, path } of signaturesOf(bare)) {
    bare.search = bare.search
      .slice(1)
      .split('&')
      .filter((pair) => !parameters.includes(nameOf(pair)))
      .join('&');
    if (path !== undefined) bare.pathname = path;
  }
  return bare.href;
}

function signaturesOf({ hostname, pathname, searchParams }: URL): Signature[] {
  const query = new Map<string, string>();
  for (const [name, value] of searchParams) {
    if (!query.has(name.toLowerCase())) query.set(name.toLowerCase(), value);
  }
  const address = { host: hostname, path: pathname, query };
  return SIGNERS.map(({ read }) => read(address)).filter((signature) => signature !== null);
}

const nameOf = (pair: string): string =>
  [...new URLSearchParams(pair).keys()][0]?.toLowerCase() ?? '';
