import type { VideoFacts } from '../../lib/core/video/video.ts';
import { isWebAddress } from '../../lib/core/web-address.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import { judgeProbe, type ProbeFinding } from '../../lib/video/judge-probe.ts';
import { probeFile } from '../../lib/video/probe-file.ts';
import { openProber, requireFfprobe } from '../../library/wiring/prober.ts';
import { searchPath } from '../process/environment.ts';
import { EXIT, type ExitCode } from '../process/exit.ts';
import { listenForStop } from '../process/signals.ts';
import { createTerminal, type Terminal } from '../process/terminal.ts';

export interface ProbeFlags {
  strictFps: boolean;
  json: boolean;
}

export async function executeProbe(
  inputs: string[],
  flags: ProbeFlags,
  settings: Settings,
): Promise<ExitCode> {
  const terminal = createTerminal(process.env);
  using signals = listenForStop(0);
  const signal = signals.stopping;
  const ffprobePath = requireFfprobe(settings, searchPath());
  await using prober = await openProber(settings, searchPath());
  let areAllAccepted = true;
  for (const input of inputs) {
    const isUrl = isWebAddress(input);
    const result = await (isUrl
      ? prober.probe(input, { signal })
      : probeFile(input, { ffprobePath, signal }));
    const isAccepted = show(terminal, input, judgeProbe(result, flags), flags.json);
    areAllAccepted = areAllAccepted && isAccepted;
  }
  return areAllAccepted ? EXIT.ok : EXIT.withoutSession;
}

/** Returns whether the video is accepted. */
function show(terminal: Terminal, input: string, finding: ProbeFinding, asJson: boolean): boolean {
  const isAccepted = finding.verdict === 'accepted';
  if (asJson) {
    terminal.print(JSON.stringify({ input, ...finding }));
    return isAccepted;
  }
  const style = isAccepted ? 'green' : 'red';
  terminal.print(`${terminal.style(style, finding.verdict)}  ${input}`);
  if (finding.facts !== null) terminal.print(`  ${describe(finding.facts)}`);
  for (const { message } of finding.remarks) terminal.print(`  - ${message}`);
  for (const { message } of finding.warnings) terminal.print(`  warning: ${message}`);
  return isAccepted;
}

function describe({ container, codec, width, height, fps, durationS }: VideoFacts): string {
  const duration = durationS === null ? 'unknown duration' : `${durationS.toFixed(2)} s`;
  const rate = fps > 0 ? `${Number(fps.toFixed(3))} fps` : 'unknown rate';
  return `${container}, ${codec}, ${width}×${height}, ${rate}, ${duration}`;
}
