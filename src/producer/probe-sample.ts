import { checkRow } from '../lib/core/manifest/check-row.ts';
import type { ManifestRow } from '../lib/core/manifest/manifest.ts';
import { RowDigests } from '../lib/rows/row-digests.ts';
import { judgeProbe, type ProbeFinding } from '../lib/video/judge-probe.ts';
import type { Prober } from '../lib/video/prober.ts';
import { comparableCells } from './comparable-cells.ts';
import type { Manifest } from './manifest/open-manifest.ts';
import { pickRows, type RowPick } from './pick-rows.ts';

const SAMPLE_ROWS = 50;

export interface SampledVideo extends ProbeFinding {
  row: number;
  line: number;
  videoUrl: string;
}

export interface SampleContext extends RowPick {
  prober: Prober;
  /** Videos at once. */
  concurrency: number;
  strictFps: boolean;
  onProgress?: (probed: number) => void;
  signal: AbortSignal;
}

/**
 * Probes at most 50 of a manifest's videos, evenly spread over it, and always the same ones. Makes no calls. Results
 * are in the manifest's order.
 * @param urlRows valid rows with an address, without duplicates, as a plan counts them.
 */
export async function probeSample(
  context: SampleContext,
  manifest: Manifest,
  urlRows: number,
): Promise<SampledVideo[]> {
  const chosen = await chooseRows(context, manifest, urlRows);
  const probed: SampledVideo[] = [];
  const waiting = chosen.values();
  const probeOneByOne = async (): Promise<void> => {
    for (const candidate of waiting) {
      probed.push(await probeOne(context, candidate));
      context.onProgress?.(probed.length);
    }
  };
  const lanes = Math.min(context.concurrency, chosen.length);
  await Promise.all(Array.from({ length: lanes }, probeOneByOne));
  return probed.sort((a, b) => a.row - b.row);
}

type Candidate = Pick<SampledVideo, 'row' | 'line' | 'videoUrl'>;

async function probeOne(
  { prober, strictFps, signal }: SampleContext,
  candidate: Candidate,
): Promise<SampledVideo> {
  const result = await prober.probe(candidate.videoUrl, { signal });
  return { ...candidate, ...judgeProbe(result, { strictFps }) };
}

async function chooseRows(
  context: SampleContext,
  manifest: Manifest,
  urlRows: number,
): Promise<Candidate[]> {
  const places = new Set(spread(urlRows, SAMPLE_ROWS));
  using digests = new RowDigests();
  const chosen: Candidate[] = [];
  let place = 0;
  for await (const rows of pickRows(manifest.rows(), context)) {
    for (const row of rows) {
      const videoUrl = newAddressOf(manifest, row, digests);
      if (videoUrl === null) continue;
      if (places.has(place)) chosen.push({ row: row.row, line: row.line, videoUrl });
      place += 1;
    }
    if (chosen.length === places.size) break;
  }
  return chosen;
}

/** Null for a row without one, and for one that repeats an earlier row. */
function newAddressOf(
  { shape }: Pick<Manifest, 'shape'>,
  row: ManifestRow,
  digests: RowDigests,
): string | null {
  const checked = checkRow(shape, row);
  if (!checked.ok || checked.source.kind === 'kling') return null;
  const cells = comparableCells(shape, row, checked.source);
  return digests.findOrAdd(cells, row.row) === null ? checked.source.videoUrl : null;
}

/** Places from 0 to `total` − 1: the middles of `count` equal parts, or all of them if there are no more. */
export function spread(total: number, count: number): number[] {
  const size = Math.min(total, count);
  return Array.from({ length: size }, (_, index) => Math.floor(((index + 0.5) * total) / size));
}
