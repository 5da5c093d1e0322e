import { cleanText } from '../../lib/core/answer/clean-text.ts';
import type { Delivery } from '../../lib/core/notice/decide-delivery.ts';
import { composeBody } from '../../lib/notice/compose-body.ts';
import { type Notice, noticeId } from '../../lib/notice/notice.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import { defaultTarget, openNoticeSender } from '../../library/wiring/services/notice-service.ts';
import { CliError, EXIT, type ExitCode } from '../process/exit.ts';
import { createTerminal } from '../process/terminal.ts';

/** Sends one notice without the queue, so that it needs neither Redis nor a worker. */
export async function executeNotifyTest(
  flags: { json: boolean },
  settings: Settings,
): Promise<ExitCode> {
  const target = defaultTarget(settings);
  if (target === null) {
    throw new CliError(EXIT.usage, 'NOTIFY_URL is not set, so no notices are sent.');
  }
  const notice: Notice = { kind: 'test', atMs: Date.now() };
  const context = { dashboardUrl: settings.DASHBOARD_URL ?? null, nowMs: notice.atMs };
  const job = {
    id: noticeId(notice),
    target,
    body: composeBody(notice, target.format, context),
  };
  const { signal } = new AbortController();
  const delivery = await openNoticeSender(settings).deliver(job, signal);
  const terminal = createTerminal(process.env);
  terminal.print(
    flags.json ? JSON.stringify({ notice: job.id, ...delivery }) : describe(target.url, delivery),
  );
  return delivery.kind === 'taken' ? EXIT.ok : EXIT.unexpected;
}

/** Show only the host: for some receivers the rest of the URL is a secret. */
function describe(url: string, delivery: Delivery): string {
  const { host } = new URL(url);
  switch (delivery.kind) {
    case 'taken':
      return `${host} accepted the notice (${delivery.status})${quote(delivery.answer)}.`;
    case 'not_taken':
      return `${host} did not accept the notice: ${delivery.reason}${quote(delivery.answer)}.`;
    case 'refused':
      return `Nothing was sent: ${delivery.reason}.`;
  }
}

const LONGEST_QUOTE = 200;

const quote = (answer: string): string => {
  const text = cleanText(answer, LONGEST_QUOTE);
  return text === '' ? '' : `: ${text}`;
};
