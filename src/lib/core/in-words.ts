/** `12,345`, of a whole number. `toLocaleString` loads data that take a tenth of a short command's time. */
export const formatCount = (count: number): string =>
  String(count).replace(/\B(?=(\d{3})+$)/g, ',');

/** `1 call`, `12,345 calls`; for nouns with a plural in s. */
export const formatNumber = (count: number, noun: string): string =>
  `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;

/** `1 row`, `12,345 rows`. */
export const formatRows = (count: number): string => formatNumber(count, 'row');

/** `1 session`, `12,345 sessions`. */
export const formatSessions = (count: number): string => formatNumber(count, 'session');

/** `no more sessions`, `1 more session`, `12,345 more sessions`. */
export const formatMoreSessions = (count: number): string =>
  count === 0 ? 'no more sessions' : formatNumber(count, 'more session');

/** `1 batch`, `12,345 batches`. */
export const formatBatches = (count: number): string =>
  `${formatCount(count)} ${count === 1 ? 'batch' : 'batches'}`;

/** `~3 min`, `~40 s`, `~2 h 10 min`. */
export function formatTimeLeft(seconds: number): string {
  if (seconds < 90) return `~${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `~${minutes} min`;
  return `~${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `40 s`, `12 min`, `3 h 5 min`, `2 d 4 h`. */
export function formatSpan(spanMs: number): string {
  const minutes = Math.floor(Math.max(0, spanMs) / 60_000);
  if (minutes < 1) return `${Math.floor(Math.max(0, spanMs) / 1_000)} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
