import type { ManifestContainer, ManifestShape } from '../../lib/core/manifest/manifest.ts';
import type { ImportRequest, ReadingRequest } from '../../lib/requests/import-request.ts';

/** An uploaded manifest. */
export interface UploadedFile {
  path: string;
  /** The name that the browser sent. */
  fileName: string;
}

export interface Finding {
  line: number;
  column: string | null;
  message: string;
}

/** The result that an import would have. */
export interface Examination {
  kind: 'understood';
  shape: ManifestShape;
  container: ManifestContainer;
  /** Name of the workbook's sheet; null for other formats. */
  sheet: string | null;
  /** What people should know about the file before it is started, for example that it has hidden rows. */
  remarks: readonly string[];
  rows: number;
  /** Rows by kind; they add up to all rows. */
  counts: { url: number; kling: number; invalid: number; duplicate: number };
  /** Of the rows with a source: those that have expired, and those likely to expire before their turn. */
  expired: number;
  expiringEarly: number;
  /** The first of them. */
  problems: readonly Finding[];
  duplicates: readonly Finding[];
  /** How long it would take, and why nothing would move now. */
  time: string;
  obstacle: string | null;
}

export type Examined =
  | Examination
  /** `columns` are those that were found; empty if reading did not get that far. */
  | { kind: 'not_understood'; message: string; columns: readonly string[] };

export type Started =
  /** Its rows may still be on their way into the store. `wasFound`: the same manifest was imported before. */
  { kind: 'started'; batchId: string; wasFound: boolean } | { kind: 'refused'; message: string };

/** Reads manifests and imports them, as `import --dry-run` and `import` do. */
export interface ManifestImports {
  examine(file: UploadedFile, reading: ReadingRequest): Promise<Examined>;
  /** @throws UnusableRequest for invalid options; then nothing was done. */
  start(file: UploadedFile, request: ImportRequest, who: string): Promise<Started>;
}
