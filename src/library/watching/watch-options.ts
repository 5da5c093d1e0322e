export interface WatchOptions {
  /** How often the batch is looked at, in ms, from 50. Default 1000. */
  everyMs?: number;
  signal?: AbortSignal;
}

export interface WaitOptions extends WatchOptions {
  /** Keep waiting even if a person must act, or the next day must begin. Default false. */
  isPatient?: boolean;
}
