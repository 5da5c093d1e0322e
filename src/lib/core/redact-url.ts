/**
 * A URL as it may be shown: without user-info, and with everything behind `?` or `#` masked, as that is where
 * signatures stand. Works on any text; what is no URL comes back cut at the first `?` or `#`.
 */
export function redactUrl(url: string): string {
  const [beforeFragment = ''] = url.split('#', 1);
  const [path = '', query] = beforeFragment.split('?', 2);
  const shown = path.replace(/^([a-z][a-z0-9+.-]*:)?\/\/[^/\\]*@/i, '$1//');
  return query === undefined ? shown : `${shown}?…`;
}

/** Every http(s) URL within a text, redacted: for messages that quote someone else. */
export function redactUrls(text: string): string {
  return text.replace(/\bhttps?:\/\/[^\s"'<>]+/gi, redactUrl);
}
