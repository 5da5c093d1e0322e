import { findInvisible } from './invisible.ts';
import type { RowDefect } from './row-defects.ts';

/** What is wrong with an address, as the rest of a sentence that begins with the column's name. */
export interface ValueFault {
  code: RowDefect;
  /** For example `is not an http(s) URL; …`. */
  message: string;
}

/** 8 KB: the longest request line of common servers and gateways, and far more than a signed URL needs. */
const MAX_URL_CHARS = 8192;
/** The characters of most addresses; all of them are visible. */
const PLAIN = /^[!-~]+$/;
const HTTP = /^https?:\/\/[^/\\?#]/i;
/**
 * A host of plain names below a top-level domain, and only visible ASCII: `URL` accepts every such address, so it
 * is skipped.
 */
const USUAL = /^https?:\/\/(?:(?!xn--)[a-z0-9-]+\.)+[a-z]{2,}(?:[/?#][!-~]*)?$/i;
/** The path of a video on a machine, relative or not; it may hold spaces. A first part with a dot is a host name. */
const VIDEO_PATH =
  /^(?:(?:file:|[a-z]:[\\/])[^?#]*|(?!\/\/|[\w-]+(?:\.[\w-]+)+(?::\d+)?\/)[^:?#]*)\.(?:mp4|mov|m4v|avi|mkv|webm)$/i;
const SCHEME = /^([a-z][a-z0-9+.-]*):/i;

/** Checks only the text; nothing is resolved or opened. Null when the address may be used. */
export function checkVideoUrl(url: string): ValueFault | null {
  if (url.length > MAX_URL_CHARS) {
    return {
      code: 'url_too_long',
      message: `has ${url.length} characters and at most ${MAX_URL_CHARS} can be sent; use a shorter address`,
    };
  }
  if (USUAL.test(url)) return null;
  if (url.startsWith('=')) {
    return {
      code: 'not_http_url',
      message: 'is a formula and not its result; save the table with results, or as .xlsx or .ods',
    };
  }
  if (!PLAIN.test(url)) {
    return VIDEO_PATH.test(url) ? notHttp(url) : (checkCharacters(url) ?? checkAddress(url));
  }
  return checkAddress(url);
}

function checkCharacters(url: string): ValueFault | null {
  if (/[\s\p{Cc}]/u.test(url)) {
    return {
      code: 'bad_url',
      message:
        'contains white space or control characters; write one address per cell, a space as %20',
    };
  }
  const invisible = findInvisible(url);
  if (invisible !== null) {
    return {
      code: 'bad_url',
      message: `contains the invisible character ${invisible}; copy the address again from its source`,
    };
  }
  return null;
}

function checkAddress(url: string): ValueFault | null {
  if (!HTTP.test(url)) return notHttp(url);
  if (!URL.canParse(url)) {
    return { code: 'bad_url', message: 'is not a valid URL; check the host name and the port' };
  }
  return null;
}

function notHttp(url: string): ValueFault {
  return { code: 'not_http_url', message: `is not an http(s) URL; ${adviceFor(url)}` };
}

/** An address in brackets or quotes, or a link of Markdown. */
const MARKED_ADDRESS = /^(?:!?\[[^\]]*\]\(|[<({["'«“„‘])https?:\/\//i;

function adviceFor(url: string): string {
  const scheme = SCHEME.exec(url)?.[1]?.toLowerCase();
  if (url.startsWith('//')) return 'write https: in front of it';
  if (MARKED_ADDRESS.test(url)) return 'leave out the marks around the address';
  if (VIDEO_PATH.test(url) || /^(?:file:|[/\\.~]|[a-z]:[\\/])/i.test(url)) {
    return 'the API cannot reach files on your machine, so upload the video and give its address';
  }
  if (scheme === 's3' || scheme === 'gs') return 'give a presigned https address of the object';
  if (scheme === 'http' || scheme === 'https') return `the host name is missing after ${scheme}://`;
  if (scheme !== undefined && /^[a-z][a-z0-9+.-]*:(\/\/|[^0-9])/i.test(url)) {
    return `the API does not fetch ${scheme}: addresses, so give an http(s) address`;
  }
  if (/^[\w-]+(\.[\w-]+)+(:\d+)?\//.test(url)) return `write https:// in front of it`;
  return 'write the whole address, beginning with https://';
}
