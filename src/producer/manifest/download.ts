import { STATUS_CODES } from 'node:http';
import type { Readable } from 'node:stream';
import { got, HTTPError } from 'got';
import type { FindProxy } from '../../lib/network/find-proxy.ts';
import { checkUrl, type Guard } from '../../lib/network/guarded-lookup.ts';
import { transportFailureOf } from '../../lib/network/transport-failure.ts';
import { wayTo } from '../../lib/network/way-to.ts';
import { ManifestError } from './manifest-error.ts';

/** A download is given up after this time without data. */
export const DOWNLOAD_STALL_MS = 60_000;
const CONNECT_MS = 10_000;

const GONE_STATUSES = new Set([404, 410]);
const PASSING_STATUSES = new Set([408, 425, 429]);

export interface DownloadOptions {
  /** Which addresses may be read; default all, because the caller is the reader. */
  guard?: Guard;
  /** The proxy for each; default none. */
  findProxy?: FindProxy;
}

/** The bytes at an address, through redirects; the guard, if any, checks each of them. */
export function openDownload(url: URL, { guard, findProxy }: DownloadOptions): Readable {
  if (guard) checkUrl(url, guard);
  return got.stream(url, {
    ...wayTo(url, guard, findProxy),
    hooks: {
      beforeRedirect: [
        (next) => {
          const nextUrl = new URL(next.url ?? '');
          if (guard) checkUrl(nextUrl, guard);
          const { agent, dnsLookup } = wayTo(nextUrl, guard, findProxy);
          next.agent = agent;
          next.dnsLookup = dnsLookup;
        },
      ],
    },
    retry: { limit: 0 },
    timeout: {
      lookup: CONNECT_MS,
      connect: CONNECT_MS,
      secureConnect: CONNECT_MS,
      response: DOWNLOAD_STALL_MS,
      socket: DOWNLOAD_STALL_MS,
    },
  });
}

/** Why a download failed. The cause is not kept, because `got` puts the whole URL into it. */
export function explainDownload(label: string, error: unknown): ManifestError {
  if (!(error instanceof HTTPError)) {
    const { message, isRetryable } = transportFailureOf(error);
    return cannotDownload(label, message, isRetryable);
  }
  const status = error.response.statusCode;
  if (GONE_STATUSES.has(status)) {
    return new ManifestError(
      'not_found',
      `There is nothing at ${label} (HTTP ${status}); check the address.`,
    );
  }
  const words = STATUS_CODES[status];
  const answer = `HTTP ${status}${words === undefined ? '' : ` ${words}`}`;
  return cannotDownload(label, answer, status >= 500 || PASSING_STATUSES.has(status));
}

const cannotDownload = (label: string, why: string, isTransient: boolean): ManifestError =>
  new ManifestError(
    'download_failed',
    `${label} cannot be read (${why}); check the address, or download it and import the file.`,
    { isTransient },
  );
