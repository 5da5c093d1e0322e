/**
 * What went wrong on the wire, in our words. The names end up in `ApiFailure.code` and so on the row.
 *
 * `authorization` stands for a call that was never made because its credentials could not be prepared.
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
  | 'transport';

/** Everything one call can come back with, before anybody has judged it. */
export type ApiAnswer =
  | {
      kind: 'transport_error';
      /** Whether the API may have received the whole request; false only when that is certain. */
      wasSent: boolean;
      problem: TransportProblem;
      /** For people; without credentials. */
      message: string;
    }
  | {
      kind: 'response';
      status: number;
      /** Any spelling of the names. */
      headers: Readonly<Record<string, string | readonly string[] | undefined>>;
      /** Decompressed text; what arrived of it when `bodyProblem` is set. */
      body: string;
      /** Why `body` is not the whole body; null when it is. */
      bodyProblem: TransportProblem | null;
    };
