/** An address, split into the parts that signers use. */
export interface SignedAddress {
  host: string;
  /** As written, still encoded. */
  path: string;
  /** Decoded, with names in lower case; of a name that occurs twice, the first value. */
  query: ReadonlyMap<string, string>;
}

/** What a signature states. */
export interface Signature {
  /** When it ends, in ms since 1970; null when it never ends, or when the address does not say. */
  endsAtMs: number | null;
  /** Query parameters, in lower case, that belong to the signature and not to the video. */
  parameters: readonly string[];
  /** The path without the signature, if that is part of the path. */
  path?: string;
}
