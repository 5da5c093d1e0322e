import { urlWithoutSignature } from '../manifest/signatures/url-expiry.ts';
import type { Source } from '../manifest/source.ts';

/**
 * What identifies the video at an address: the address without its signature (`url-signers.ts`) and its fragment, with
 * its query parameters sorted by name. A parameter that belongs to no vendor's signature counts. Text that is not an
 * address is returned unchanged. The result is not an address to open.
 */
export function videoIdentity(url: string): string {
  const bare = urlWithoutSignature(url);
  const at = bare.indexOf('?');
  if (at < 0) return bare;
  if (areSorted(bare, at + 1)) return bare;
  const pairs = bare.slice(at + 1).split('&');
  const sorted = pairs.filter((pair) => pair !== '').sort(byName);
  return sorted.length === 0 ? bare.slice(0, at) : `${bare.slice(0, at)}?${sorted.join('&')}`;
}

/**
 * Whether the address has a signature beside its video's identity. Then it may expire or be refused although the
 * video exists.
 */
export const isSigned = (url: string): boolean =>
  URL.canParse(url) && urlWithoutSignature(url) !== hrefOf(url);

function hrefOf(url: string): string {
  const parsed = new URL(url);
  parsed.hash = '';
  return parsed.href;
}

/**
 * A signer writes its parameters in the same order each time, and mostly in this order. `at`: where the first begins.
 */
function areSorted(url: string, at: number): boolean {
  let above = '';
  for (let start = at; start <= url.length; ) {
    const next = url.indexOf('&', start);
    const end = next < 0 ? url.length : next;
    const equals = url.indexOf('=', start);
    const name = url.slice(start, equals < 0 ? end : Math.min(equals, end));
    if (end === start || name < above) return false;
    above = name;
    start = end + 1;
  }
  return true;
}

/** Values of the same name keep their order. */
function byName(one: string, other: string): number {
  const [name, otherName] = [nameOf(one), nameOf(other)];
  if (name === otherName) return 0;
  return name < otherName ? -1 : 1;
}

function nameOf(pair: string): string {
  const end = pair.indexOf('=');
  return end < 0 ? pair : pair.slice(0, end);
}

/** The identity of a source; a Kling video is identified by its two ids. */
export const identityOf = (source: Source): string =>
  source.kind === 'url'
    ? `url ${videoIdentity(source.videoUrl)}`
    : `kling ${source.videoId} ${source.taskId}`;
