import { judgeVideo } from '../../lib/core/judge-video.ts';
import type { Remark, VideoFacts } from '../../lib/core/video.ts';
import type { Settings } from '../../lib/settings.ts';
import { probeFile } from '../../lib/video/probe-file.ts';
import type { ProbeResult } from '../../lib/video/prober.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { openProber, requireFfprobe } from '../prober.ts';
import { listenForStop } from '../signals.ts';
import { createTerminal, type Terminal } from '../terminal.ts';

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
  const ffprobePath = requireFfprobe(settings);
  await using prober = await openProber(settings);
  let areAllAccepted = true;
  for (const input of inputs) {
    const isUrl = /^https?:\/\//i.test(input);
    const result = await (isUrl
      ? prober.probe(input, { signal })
      : probeFile(input, { ffprobePath, signal }));
    const isAccepted = show(terminal, input, judge(result, flags.strictFps), flags.json);
    areAllAccepted = areAllAccepted && isAccepted;
  }
  return areAllAccepted ? EXIT.ok : EXIT.withoutSession;
}

interface Finding {
  verdict: 'accepted' | 'rejected' | 'failed';
  remarks: Remark[];
  warnings: Remark[];
  facts: VideoFacts | null;
}

function judge(result: ProbeResult, strictFps: boolean): Finding {
  const nothing = { warnings: [], facts: null };
  switch (result.kind) {
    case 'video': {
      const { isAccepted, violations, warnings } = judgeVideo(result.facts, { strictFps });
      const verdict = isAccepted ? 'accepted' : 'rejected';
      return { verdict, remarks: violations, warnings, facts: result.facts };
    }
    case 'other_container': {
      const message = `the file is ${result.container}; the API takes MP4 and MOV only`;
      return { ...nothing, verdict: 'rejected', remarks: [{ code: 'container', message }] };
    }
    case 'no_video_track': {
      const remark = { code: 'no_video_track', message: 'the file has no video track' };
      return { ...nothing, verdict: 'rejected', remarks: [remark] };
    }
    case 'unreadable': {
      const { code, message } = result.failure;
      return { ...nothing, verdict: 'failed', remarks: [{ code, message }] };
    }
  }
}

/** Returns whether the video is accepted. */
function show(terminal: Terminal, input: string, finding: Finding, asJson: boolean): boolean {
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
