import { Agent as HttpAgent, STATUS_CODES } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import { got, HTTPError } from 'got';
import { checkUrl, type Guard, guardedLookup } from '../../lib/network/guarded-lookup.ts';
import { transportFailureOf } from '../../lib/network/transport-failure.ts';
import { ManifestError } from './manifest-error.ts';

/** A download is given up when nothing has come for this long. */
export const DOWNLOAD_STALL_MS = 60_000;
const CONNECT_MS = 10_000;

const GONE_STATUSES = new Set([404, 410]);
const PASSING_STATUSES = new Set([408, 425, 429]);

/** These keep no connection. One kept open by somebody else has passed another guard, or none. */
const AGENTS = { http: new HttpAgent(), https: new HttpsAgent() };

/** The bytes at an address, through redirects; each of them is looked at by the guard, if there is one. */
export function openDownload(url: URL, guard: Guard | undefined): Readable {
  if (guard) checkUrl(url, guard);
  return got.stream(url, {
    ...(guard && {
      dnsLookup: guardedLookup(url, guard),
      hooks: {
        beforeRedirect: [
          (next) => {
            const nextUrl = new URL(next.url ?? '');
            checkUrl(nextUrl, guard);
            next.dnsLookup = guardedLookup(nextUrl, guard);
          },
        ],
      },
    }),
    agent: AGENTS,
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

/** Why a download came to nothing. The cause is not kept: `got` puts the whole URL into it. */
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
