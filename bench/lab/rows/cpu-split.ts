import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface ProfileNode {
  id: number;
  callFrame: { functionName: string; url: string };
  children?: number[];
}

interface CpuProfile {
  nodes: ProfileNode[];
  samples: number[];
  timeDeltas: number[];
  startTime: number;
}

/** CPU time of a part of the program in µs; what Node does for a part counts for that part. */
export type CpuSplit = Map<string, number>;

/**
 * Divides the profile that `--cpu-prof` left in `folder`. `fromShare`, `toShare`: which part of the process's life
 * counts, in [0, 1].
 */
export function splitCpu(folder: string, fromShare: number, toShare: number): CpuSplit {
  const [file] = readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'));
  const profile: CpuProfile = JSON.parse(readFileSync(join(folder, file ?? ''), 'utf8'));
  const parts = partsOfNodes(profile.nodes);
  const from = Math.floor(profile.samples.length * fromShare);
  const to = Math.floor(profile.samples.length * toShare);
  const split: CpuSplit = new Map();
  for (let at = from; at < to; at += 1) {
    const part = parts.get(profile.samples[at] ?? 0) ?? 'unknown';
    if (part !== 'idle') split.set(part, (split.get(part) ?? 0) + (profile.timeDeltas[at] ?? 0));
  }
  return new Map([...split].sort(([, a], [, b]) => b - a));
}

function partsOfNodes(nodes: ProfileNode[]): Map<number, string> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parts = new Map<number, string>();
  const visit = (node: ProfileNode, inherited: string): void => {
    const part = partOf(node.callFrame, inherited);
    parts.set(node.id, part);
    for (const child of node.children ?? []) {
      const next = byId.get(child);
      if (next !== undefined) visit(next, part);
    }
  };
  if (nodes[0] !== undefined) visit(nodes[0], 'Node');
  return parts;
}

function partOf({ functionName, url }: ProfileNode['callFrame'], inherited: string): string {
  if (functionName === '(idle)') return 'idle';
  if (functionName === '(garbage collector)') return 'garbage collection';
  const library = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(
    url.replace(/.*node_modules/, 'node_modules'),
  )?.[1];
  if (library !== undefined) return library;
  const own = /\/src\/(.*)\.ts/.exec(url)?.[1];
  return own ?? inherited;
}
