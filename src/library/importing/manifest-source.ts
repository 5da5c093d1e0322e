/** One row of a table: your columns by their names. A `bigint` keeps all digits of an id. */
export type ManifestRow = Readonly<Record<string, string | number | bigint | boolean | null>>;

/**
 * Where a table comes from. A text is a path.
 *
 * - `path`: a file on this machine.
 * - `url`: an http(s) address. Addresses inside your network are refused, unless `MANIFEST_ALLOW_HOSTS` has them.
 * - `stream`: the bytes of a file in any format that a manifest can have, with its name.
 * - `rows`: your own rows. The same rows under the same name are the same table.
 *
 * Streams and rows are read once, into a temporary file, so a table may be of any length.
 */
export type ManifestSource =
  | string
  | { readonly path: string }
  | { readonly url: string | URL }
  | { readonly stream: AsyncIterable<Uint8Array | string>; readonly name: string }
  | {
      readonly rows: AsyncIterable<ManifestRow> | Iterable<ManifestRow>;
      readonly name: string;
    };
