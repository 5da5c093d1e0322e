/** Prepares the headers that authorize a call. Used before every call, so that it can renew what expires. */
export interface Authorizer {
  /**
   * A rejection ends the unsent call as an `account` failure. Its message is not shown, because it may hold a secret.
   */
  authorize(): Promise<Record<string, string>> | Record<string, string>;
  /**
   * Discards the prepared headers when the API reports that they are expired or not yet valid. Absent if nothing can
   * be renewed.
   */
  renew?(): void;
}

/**
 * A fixed key, as CometAPI and Kling's newer accounts accept it. White space around it, such as the line feed at the
 * end of a secret file, is removed.
 *  *
 * Throws a `TypeError`, without the key in it, when the rest cannot be sent in a header.
 */
export function bearerAuthorizer(key: string): Authorizer {
  const trimmedKey = key.trim();
  if (trimmedKey === '') throw new TypeError('The API key is empty.');
  if (!/^[\x21-\x7e]+$/.test(trimmedKey)) {
    throw new TypeError('The API key contains white space or characters that are not ASCII.');
  }
  const headers = { authorization: `Bearer ${trimmedKey}` };
  return { authorize: () => headers };
}
