export interface WatchOptions {
  /** How often the batch is looked at, in ms, from 50. Default 1000. */
  everyMs?: number;
  signal?: AbortSignal;
}

export interface WaitOptions extends WatchOptions {
  /** Keep waiting where a person is needed, or the next day. Default false. */
  isPatient?: boolean;
}
