import type { ManifestRow } from '../core/manifest/manifest.ts';
import { redactUrls } from '../core/redact-url.ts';

/** A row's cells as they may be shown: without the signatures of addresses. A search finds nothing that is hidden here. */
export const showCells = ({ cells }: ManifestRow): string[] => cells.map(redactUrls);
