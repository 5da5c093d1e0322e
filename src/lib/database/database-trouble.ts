/** What is wrong with the results database. */
export type TroubleKind =
  /** It cannot be reached, is starting or stopping, or does not answer in time: passes by itself. */
  | 'away'
  /** It answers but accepts no writes: read-only, out of space. */
  | 'refuses_writes'
  /** Password, database, certificate, rights. */
  | 'access'
  /** Its tables are missing, or are those of another version. */
  | 'schema'
  /** It has copied more than this Redis holds: Redis has lost data, or is another one. */
  | 'ahead'
  /** Anything else that the server says; its own words follow. */
  | 'other';

/** Trouble with the results database. The message is for people: what is wrong, and what to do. */
export class DatabaseTrouble extends Error {
  override readonly name = 'DatabaseTrouble';
  readonly kind: TroubleKind;
  /** A statement took too long: fewer rows at once may be the remedy. */
  readonly isSlow: boolean;

  constructor(kind: TroubleKind, message: string, isSlow = false) {
    super(message);
    this.kind = kind;
    this.isSlow = isSlow;
  }
}
