import type { ManifestRow } from '../core/manifest/manifest.ts';
import { redactUrls } from '../core/redact-url.ts';

/** A row's cells for display, without the signatures of addresses. A search does not find what is hidden here. */
export const showCells = ({ cells }: ManifestRow): string[] => cells.map(redactUrls);
