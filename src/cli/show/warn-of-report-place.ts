import { isWebAddress } from '../../lib/core/web-address.ts';
import { checkReportFile } from '../../lib/report/delivery/check-report-file.ts';
import { ReportError } from '../../lib/report/report-error.ts';
import type { Terminal } from '../process/terminal.ts';

/**
 * Warns if a report could not be written there from this machine. Workers may run on another one, so it is no error.
 * `place`: without `{…}`.
 */
export async function warnOfReportPlace(terminal: Terminal, place: string): Promise<void> {
  if (isWebAddress(place)) return;
  try {
    await checkReportFile(place, []);
  } catch (error) {
    if (!(error instanceof ReportError)) throw error;
    terminal.say(
      `${error.message} A worker writes it; if workers run on another machine, check the place there.`,
    );
  }
}
