const ENDPOINT_PATH = '/v1/videos/multi-elements/init-selection';

/**
 * The address of `init-selection` under a base URL, with or without a path and trailing slashes.
 *  *
 * Throws a `TypeError` that explains the problem without quoting secrets if it is not an http(s) URL, or has parts
 * that a base URL cannot have.
 */
export function endpointUrl(baseUrl: string): URL {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new TypeError(
      'The base URL of the API must be an http or https URL, for example https://api.cometapi.com/kling.',
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new TypeError('The base URL of the API must not contain a user name or password.');
  }
  if (url.search !== '' || url.hash !== '') {
    throw new TypeError('The base URL of the API must not contain "?" or "#".');
  }
  url.pathname = url.pathname.replace(/\/+$/, '') + ENDPOINT_PATH;
  return url;
}
