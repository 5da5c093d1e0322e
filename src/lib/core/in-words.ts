/** `12,345` */
export const formatCount = (count: number): string => count.toLocaleString('en-US');

/** `1 call`, `12,345 calls`; for nouns with a plural in s. */
export const formatNumber = (count: number, noun: string): string =>
  `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;

/** `1 row`, `12,345 rows`. */
export const formatRows = (count: number): string => formatNumber(count, 'row');

/** `1 session`, `12,345 sessions`. */
export const formatSessions = (count: number): string => formatNumber(count, 'session');

/** `~3 min`, `~40 s`, `~2 h 10 min`. */
export function formatTimeLeft(seconds: number): string {
  if (seconds < 90) return `~${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `~${minutes} min`;
  return `~${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
