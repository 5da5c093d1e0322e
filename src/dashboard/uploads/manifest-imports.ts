import type { ManifestShape } from '../../lib/core/manifest/manifest.ts';
import type { ImportRequest, ReadingRequest } from '../../lib/requests/import-request.ts';

/** An uploaded manifest. */
export interface UploadedFile {
  path: string;
  /** As the browser called it. */
  fileName: string;
}

export interface Finding {
  line: number;
  column: string | null;
  message: string;
}

/** What an import would come to. */
export interface Examination {
  kind: 'understood';
  shape: ManifestShape;
  /** Name of the workbook's sheet; null when it is none. */
  sheet: string | null;
  rows: number;
  /** Rows by what they are; together all rows. */
  counts: { url: number; kling: number; invalid: number; duplicate: number };
  /** Of those with a source: what has expired, and what is likely to before its turn. */
  expired: number;
  expiringEarly: number;
  /** The first of them. */
  problems: readonly Finding[];
  duplicates: readonly Finding[];
  /** How long it would take, and why nothing would move at present. */
  time: string;
  obstacle: string | null;
}

export type Examined =
  | Examination
  /** `columns` are those that were found; empty when it did not come so far. */
  | { kind: 'not_understood'; message: string; columns: readonly string[] };

export type Started =
  /** Its rows may still be on their way into the store. `wasFound`: the same manifest was imported before. */
  { kind: 'started'; batchId: string; wasFound: boolean } | { kind: 'refused'; message: string };

/** Reads manifests and imports them: the same as `import --dry-run` and `import`. */
export interface ManifestImports {
  examine(file: UploadedFile, reading: ReadingRequest): Promise<Examined>;
  /** @throws UnusableRequest for what cannot be right; nothing has happened then. */
  start(file: UploadedFile, request: ImportRequest, who: string): Promise<Started>;
}
