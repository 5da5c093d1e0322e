/** Who does something to a batch or to the gate, and why; noted in the history and in the audit log. */
export interface Act {
  /** A person, such as `anna@build-7`, or a part of the program, such as `its window`. */
  who: string;
  /** As the person gave it; null when none was given. */
  reason: string | null;
}
