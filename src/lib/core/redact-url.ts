/**
 * A URL that is safe to show: without user-info, and with everything after `?` or `#` masked, because that is where
 * signatures are. Works on any text; text that is not a URL is cut at the first `?` or `#`.
 */
export function redactUrl(url: string): string {
  const [beforeFragment = ''] = url.split('#', 1);
  const [path = '', query] = beforeFragment.split('?', 2);
  const shown = path.replace(/^([a-z][a-z0-9+.-]*:)?\/\/[^/\\]*@/i, '$1//');
  return query === undefined ? shown : `${shown}?…`;
}

/** Redacts every http(s) URL in a text, for messages that quote other programs. */
export function redactUrls(text: string): string {
  return text.replace(/\bhttps?:\/\/[^\s"'<>]+/gi, redactUrl);
}
