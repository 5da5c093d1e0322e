/**
 * What went wrong with the connection, in this program's words. The names become `ApiFailure.code` and so reach the
 * row.
 *  *
 * `authorization` means that the call was never made, because its credentials could not be prepared.
 */
export type TransportProblem =
  | 'authorization'
  | 'dns'
  | 'refused'
  | 'unreachable'
  | 'tls'
  | 'timeout'
  | 'reset'
  | 'aborted'
  | 'not_http'
  | 'too_large'
  | 'undecodable'
  | 'proxy_failed'
  | 'proxy_refused'
  | 'transport';

/** The raw result of one call, before it is judged. */
export type ApiAnswer =
  | {
      kind: 'transport_error';
      /** Whether the API may have received the whole request; false only when it certainly did not. */
      wasSent: boolean;
      problem: TransportProblem;
      /** For people; without credentials. */
      message: string;
    }
  | {
      kind: 'response';
      status: number;
      /** Names in any spelling. */
      headers: Readonly<Record<string, string | readonly string[] | undefined>>;
      /** Decompressed text; if `bodyProblem` is set, the part that arrived. */
      body: string;
      /** Why `body` is incomplete; null when it is complete. */
      bodyProblem: TransportProblem | null;
    };
