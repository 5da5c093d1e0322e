import { stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { formatCount } from '../../lib/core/in-words.ts';
import { showValue } from '../../lib/core/manifest/show-value.ts';
import { explainOutputError, OutputFile } from '../../lib/files/output-file.ts';
import { cellQuoter, escapeFormula } from '../../lib/report/csv-report.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import { judgeProbe } from '../../lib/video/judge-probe.ts';
import { probeFile } from '../../lib/video/probe-file.ts';
import { requireFfprobe } from '../../library/wiring/prober.ts';
import { searchPath } from '../process/environment.ts';
import { CliError, EXIT, type ExitCode } from '../process/exit.ts';
import { listenForStop } from '../process/signals.ts';
import { createTerminal, type Terminal } from '../process/terminal.ts';
import { outOf, reportFormatOf, STDOUT } from '../show/report-place.ts';
import { type FoundVideos, findVideos } from './find-videos.ts';

export interface ListFlags {
  baseUrl: URL;
  probe: boolean;
  out?: string;
}

const COLUMNS = ['video_url', 'name', 'size_bytes', 'duration_s', 'verdict', 'remarks'];

/** Videos are read one after the other, because a disk is no faster with several reads at once. */
export async function executeList(
  folder: string,
  flags: ListFlags,
  settings: Settings,
): Promise<ExitCode> {
  const terminal = createTerminal(process.env);
  using signals = listenForStop(0);
  const signal = signals.stopping;
  const place = placeOf(flags.out);
  const { names, lost } = await videosOf(folder);
  const ffprobePath = flags.probe ? requireFfprobe(settings, searchPath()) : null;
  const fail = failureOf(place.path ?? '');
  await using file = place.path === null ? null : await OutputFile.open(place.path).catch(fail);
  const quoteCell = cellQuoter(place.delimiter);
  const write = async (cells: string[]): Promise<void> => {
    const line = cells.map((cell) => quoteCell(escapeFormula(cell))).join(place.delimiter);
    await (file === null ? terminal.print(line) : file.write(`${line}\n`).catch(fail));
  };
  await write(COLUMNS);
  let accepted = 0;
  let listed = 0;
  for (const [index, name] of names.entries()) {
    signal.throwIfAborted();
    terminal.live(`Reading: ${formatCount(index + 1)} of ${formatCount(names.length)} videos`);
    const path = join(folder, name);
    const size = await stat(path).then(
      ({ size }) => size,
      () => null,
    );
    if (size === null) {
      lost.push(name);
      continue;
    }
    listed += 1;
    const probed = ffprobePath === null ? NOT_PROBED : await probe(path, ffprobePath, signal);
    if (probed[1] === 'accepted') accepted += 1;
    await write([addressOf(flags.baseUrl, name), name, String(size), ...probed]);
  }
  await file?.finish().catch(fail);
  if (lost.length > 0) terminal.say(aboutLost(lost));
  report(terminal, { videos: listed, accepted, flags, path: place.path });
  return EXIT.ok;
}

/**
 * Where the list goes (null for stdout), and its delimiter.
 * @throws CliError (2) for the extension of another format.
 */
function placeOf(out: string | undefined): { path: string | null; delimiter: ',' | '\t' } {
  const path = out === undefined ? STDOUT : outOf(out);
  const format = reportFormatOf(path);
  if (format === 'csv' || format === 'tsv') {
    return { path: path === STDOUT ? null : path, delimiter: format === 'tsv' ? '\t' : ',' };
  }
  throw new CliError(
    EXIT.usage,
    `\`list\` cannot write a ${extname(path)} file; name one that ends with .csv or .tsv.`,
  );
}

const failureOf =
  (path: string) =>
  (error: NodeJS.ErrnoException): never => {
    throw new CliError(
      EXIT.unexpected,
      `The list cannot be written to ${path}: ${explainOutputError(error, '--out')}.`,
    );
  };

/** @throws CliError (2) when the folder does not exist, or has no videos. */
async function videosOf(folder: string): Promise<FoundVideos> {
  const stats = await stat(folder).catch(() => null);
  if (stats === null) {
    throw new CliError(EXIT.usage, `There is no folder ${folder}; check the path.`);
  }
  if (!stats.isDirectory()) {
    throw new CliError(
      EXIT.usage,
      `${folder} is not a folder; name the folder that holds the videos.`,
    );
  }
  const found = await findVideos(folder);
  if (found.names.length > 0) return found;
  const about = found.lost.length > 0 ? ` ${aboutLost(found.lost)}` : '';
  throw new CliError(
    EXIT.usage,
    `There are no videos in ${folder} or its subfolders; a video is a file that ends with .mp4, .mov or similar.${about}`,
  );
}

/** How Node decodes a name that is not UTF-8, as archives of other systems leave it; nothing opens under that name. */
const UNDECODED = '\ufffd';

function aboutLost(names: readonly string[]): string {
  const undecoded = names.filter((name) => name.includes(UNDECODED));
  const others = names.filter((name) => !name.includes(UNDECODED));
  const sentences: string[] = [];
  if (undecoded.length > 0) {
    sentences.push(
      `Left out, because these names are not UTF-8: ${showNames(undecoded)}. Rename the ${undecoded.some((name) => name.endsWith('/')) ? 'files and folders' : 'files'}.`,
    );
  }
  if (others.length > 0) {
    sentences.push(`Left out, because they cannot be opened: ${showNames(others)}.`);
  }
  return sentences.join(' ');
}

function showNames(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => `"${showValue(name)}"`);
  const more = names.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${formatCount(more)} more` : ''}`;
}

/** The query of the base URL, such as a token of the store, is appended to each name. */
function addressOf(base: URL, name: string): string {
  const address = new URL(base);
  const path = name.split('/').map(encodeURIComponent).join('/');
  address.pathname = `${base.pathname.replace(/\/$/, '')}/${path}`;
  return address.href;
}

type Probed = [durationS: string, verdict: string, remarks: string];
const NOT_PROBED: Probed = ['', '', ''];

async function probe(path: string, ffprobePath: string, signal: AbortSignal): Promise<Probed> {
  const result = await probeFile(path, { ffprobePath, signal });
  const { facts, verdict, remarks, warnings } = judgeProbe(result, { strictFps: false });
  const said = [...remarks, ...warnings].map(({ message }) => message).join('; ');
  return [facts?.durationS?.toFixed(2) ?? '', verdict, said];
}

function report(
  terminal: Terminal,
  {
    videos,
    accepted,
    flags,
    path,
  }: { videos: number; accepted: number; flags: ListFlags; path: string | null },
): void {
  const judged = flags.probe ? `, ${formatCount(accepted)} of them within the API's rules` : '';
  const where = path === null ? '' : ` written to ${path}`;
  terminal.say(
    `${formatCount(videos)} ${videos === 1 ? 'video' : 'videos'}${where}${judged}. Before you import the table, make the folder available at ${flags.baseUrl.origin}${flags.baseUrl.pathname}.`,
  );
}
