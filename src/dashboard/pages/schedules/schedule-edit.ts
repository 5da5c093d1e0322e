import { html } from 'hono/html';
import type { KeptSchedule } from '../../../lib/core/schedule/schedule.ts';
import { labelOf, readRequest, type WrittenRequest } from '../../../lib/requests/option.ts';
import { SCHEDULE_OPTIONS } from '../../../lib/requests/schedule-request.ts';
import { describeProblems, UnusableRequest } from '../../../lib/requests/unusable-request.ts';
import { writeSchedule } from '../../../lib/requests/write-schedule.ts';
import type { DashboardContext } from '../../dashboard-env.ts';
import { readFields, writtenIn } from '../../form.ts';
import type { DashboardPorts } from '../../ports.ts';
import { change, type Route, view } from '../../route.ts';
import { setRequested } from '../../schedules/set-schedule.ts';
import { page } from '../layout.ts';
import { refuse } from '../refusal.ts';
import { type Filled, scheduleForm } from './schedule-form.ts';
import { timingPreview } from './timing-preview.ts';

/** Forms that create and change schedules, for operators: they show webhooks and addresses in full. */
export const scheduleEditRoutes = (ports: DashboardPorts): Route[] => [
  {
    ...view('/schedules/-/new', (context) =>
      show(ports, context, {
        name: null,
        written: newSchedule(ports),
        seenMs: null,
        problem: null,
      }),
    ),
    access: 'operator',
  },
  change('/schedules/-/new', (context) => make(ports, context)),
  {
    ...view('/schedules/:name/edit', (context) =>
      withSchedule(ports, context, ({ schedule, setAtMs }) => {
        const written = writeSchedule(schedule);
        return show(ports, context, {
          name: schedule.name,
          written,
          seenMs: setAtMs,
          problem: null,
        });
      }),
    ),
    access: 'operator',
  },
  change('/schedules/:name/edit', (context) =>
    withSchedule(ports, context, (kept) => save(ports, context, kept)),
  ),
];

/** Answers with the schedule that the address names, or says that there is none. */
async function withSchedule(
  { schedules }: DashboardPorts,
  context: DashboardContext,
  use: (kept: KeptSchedule) => Promise<Response>,
): Promise<Response> {
  const name = context.req.param('name') ?? '';
  const kept = await schedules.read(name);
  if (kept !== null) return await use(kept);
  return await refuse(context, { kind: 'not_found', what: `schedule ${name}` });
}

type Shown = Omit<Filled, 'preview'>;

async function show(
  { now }: DashboardPorts,
  context: DashboardContext,
  shown: Shown,
  status: 200 | 400 | 409 = 200,
) {
  const { cron, tz } = shown.written;
  // Each problem is reported once.
  const preview =
    shown.problem === null ? timingPreview(String(cron ?? ''), String(tz ?? ''), now()) : html``;
  const filled = { ...shown, preview };
  const title = filled.name === null ? 'New schedule' : `Edit ${filled.name}`;
  return await page(context, { title, status, content: scheduleForm(context, filled) });
}

async function make(ports: DashboardPorts, context: DashboardContext): Promise<Response> {
  const { name = '', preview = '', ...fields } = await readFields(context);
  const written = writtenIn(SCHEDULE_OPTIONS, fields);
  const filled = { name: null, newName: name, written, seenMs: null };
  if (preview !== '') return await show(ports, context, { ...filled, problem: null });
  if ((await ports.schedules.read(name)) !== null) {
    const problem = `Schedule ${name} already exists; edit it, or choose another name.`;
    return await show(ports, context, { ...filled, problem }, 409);
  }
  return await set(ports, context, name, filled);
}

async function save(
  ports: DashboardPorts,
  context: DashboardContext,
  { schedule: { name }, setAtMs }: KeptSchedule,
): Promise<Response> {
  const { seenMs, preview = '', ...fields } = await readFields(context);
  const filled = { name, written: writtenIn(SCHEDULE_OPTIONS, fields), seenMs: setAtMs };
  if (preview !== '') {
    // Saving must still detect a change that someone else made meanwhile.
    return await show(ports, context, { ...filled, seenMs: Number(seenMs), problem: null });
  }
  if (Number(seenMs) !== setAtMs) {
    const problem = `${name} has been changed since this form was opened. Saving again replaces that change.`;
    return await show(ports, context, { ...filled, problem }, 409);
  }
  return await set(ports, context, name, filled);
}

async function set(
  ports: DashboardPorts,
  context: DashboardContext,
  name: string,
  filled: Omit<Shown, 'problem'>,
): Promise<Response> {
  try {
    const request = readRequest(SCHEDULE_OPTIONS, filled.written);
    const result = await setRequested(ports, name, request, context.var.user.name);
    return context.redirect(`/schedules/${name}?done=${result}`, 303);
  } catch (error) {
    if (!(error instanceof UnusableRequest)) throw error;
    const problem = describeProblems(error.problems, (one) => labelOf(SCHEDULE_OPTIONS, one));
    return await show(ports, context, { ...filled, problem }, 400);
  }
}

/** If this machine's time zone has no name, the form asks for one. */
function newSchedule({ machineZone }: DashboardPorts): WrittenRequest {
  try {
    return { tz: machineZone() };
  } catch (error) {
    if (error instanceof UnusableRequest) return {};
    throw error;
  }
}
