import { readFileSync } from 'node:fs';

/** The kernel counts in hundredths of a second. */
const TICKS_PER_S = 100;

/** CPU time of a process so far, in s: its own, and that of its ended children. Null without `/proc`. */
export function cpuTimeOf(pid: number): { own: number; children: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field, a name in brackets, may contain any character.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = (first: number): number => Number(fields[first]) + Number(fields[first + 1]);
    return { own: ticks(11) / TICKS_PER_S, children: ticks(13) / TICKS_PER_S };
  } catch {
    return null;
  }
}
