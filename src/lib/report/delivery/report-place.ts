import { isAbsolute, resolve } from 'node:path';
import { redactUrl } from '../../core/redact-url.ts';
import { findBadDate } from '../../core/schedule/path-dates.ts';
import { isWebAddress } from '../../core/web-address.ts';
import { isWithin } from '../../files/allowed-places.ts';
import { formatByName, refuseExtension } from '../report-format.ts';
import type { ReportFormat } from '../report-formatter.ts';

/** Where a worker writes a report: a path on its machine, or an http(s) address that takes a `PUT`. */

const nameOf = (place: string): string => (isWebAddress(place) ? new URL(place).pathname : place);

/** By the extension; CSV without one. For a place without a problem. */
export const formatOfPlace = (place: string): ReportFormat => formatByName(nameOf(place)) ?? 'csv';

/** What is wrong with a place as a person wrote it, with or without `{yyyy-MM-dd}`; one sentence, or null. */
export function findReportPlaceProblem(place: string): string | null {
  const bad = findBadDate(place);
  if (bad !== null) {
    return `${bad} is not a date; write it as {yyyy-MM-dd}, {yyyyMMdd_HHmm} or {yyyy-MM-dd, -1d}.`;
  }
  if (place.trim() === '' || place === '-') {
    return 'A worker cannot write to standard output; give a path or an address.';
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(place) && !(isWebAddress(place) && URL.canParse(place))) {
    return 'Give a path, or an address that begins with http:// or https://.';
  }
  if (place.endsWith('/')) return 'It names a folder; name a file.';
  const name = nameOf(place);
  return formatByName(name) === null ? refuseExtension(name) : null;
}

/**
 * The place for a worker, whose working directory differs: a relative path begins at `folder`. Null for a relative
 * path without a folder.
 */
export function wholePlace(place: string, folder: string | null): string | null {
  if (isWebAddress(place)) return place;
  return folder === null && !isAbsolute(place) ? null : resolve(folder ?? '/', place);
}

/** A place that is safe to show: signatures of an address are in its query. */
export const showPlace = (place: string): string =>
  isWebAddress(place) ? redactUrl(place) : place;

/**
 * Why a person in a browser, or a program with a token, may not name this place; null if they may. They have no
 * rights on the workers' machines, so only paths below `folders` are allowed; the worker checks addresses.
 */
export function refuseRemotePlace(place: string, folders: readonly string[]): string | null {
  if (isWebAddress(place)) return null;
  if (folders.length === 0) {
    return 'Only the command line may name a path here; set REPORT_FOLDERS for the dashboard and the workers to allow some folders, or give an address.';
  }
  return folders.some((folder) => isWithin(place, resolve(folder)))
    ? null
    : `A path must be in a folder that REPORT_FOLDERS names: ${folders.join(', ')}.`;
}
