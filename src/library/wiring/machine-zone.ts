import { isTimeZone } from '../../lib/core/batch/daily-window.ts';
import { refuseRequest } from '../../lib/requests/unusable-request.ts';

/**
 * The name of this machine's time zone. `tz` is the variable TZ, for the message. @throws UnusableRequest when Node
 * reports none: other machines could not use it.
 */
export function nameMachineZone(tz?: string): string {
  const zone: string | undefined = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone !== undefined && isTimeZone(zone)) return zone;
  const cause = tz === undefined ? 'the system names none' : `TZ is "${tz}"`;
  throw refuseRequest(
    'tz',
    `The time zone of this machine has no portable name: ${cause}. Name one such as Asia/Taipei (--tz), or set TZ to one.`,
  );
}
