/** Prepares the headers that identify us. Asked before every call, so that it may renew what expires. */
export interface Authorizer {
  /** A rejection ends the call, unsent, as an `account` failure; its message is not shown, as it may hold a secret. */
  authorize(): Promise<Record<string, string>> | Record<string, string>;
  /** Forgets what it prepared, when the API says that it is expired or not yet valid. Absent where nothing can be renewed. */
  renew?(): void;
}

/**
 * A fixed key, as CometAPI and Kling's newer accounts take it. White space around it, such as the line feed at
 * the end of a secret file, is dropped.
 *
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
