import { z } from 'zod';
import { MANIFEST_ROLES } from '../../../lib/core/manifest/manifest.ts';
import type { KeptSchedule } from '../../../lib/core/schedule/schedule.ts';
import { wantedSchedule } from '../../api/schedule-schemas.ts';
import type { DashboardContext } from '../../dashboard-env.ts';
import { readForm } from '../../form.ts';
import type { DashboardPorts } from '../../ports.ts';
import { change, type Route, view } from '../../route.ts';
import type { WantedSchedule } from '../../schedules/schedule-desk.ts';
import { setWanted } from '../../schedules/set-schedule.ts';
import { page } from '../layout.ts';
import { type Filled, newSchedule, scheduleForm } from './schedule-form.ts';
import { withSchedule } from './with-schedule.ts';

const CHECKS = ['reuse', 'strictFps'];
const form = z.record(z.string(), z.string().trim().max(2_000));
type Form = z.infer<typeof form>;

/** Forms that make and change schedules, for operators: they show webhooks and addresses in full. */
export const scheduleEditRoutes = (ports: DashboardPorts): Route[] => [
  {
    ...view('/schedules/-/new', (context) =>
      show(context, { name: null, wanted: newSchedule(), seenMs: null, problem: null }),
    ),
    access: 'operator',
  },
  change('/schedules/-/new', (context) => make(ports, context)),
  {
    ...view('/schedules/:name/edit', (context) =>
      withSchedule(ports, context, ({ schedule, setAtMs }) => {
        const wanted = ports.scheduleDesk.write(schedule);
        return show(context, { name: schedule.name, wanted, seenMs: setAtMs, problem: null });
      }),
    ),
    access: 'operator',
  },
  change('/schedules/:name/edit', (context) =>
    withSchedule(ports, context, (kept) => save(ports, context, kept)),
  ),
];

async function show(context: DashboardContext, filled: Filled, status: 200 | 400 | 409 = 200) {
  const title = filled.name === null ? 'New schedule' : `Edit ${filled.name}`;
  return await page(context, { title, status, content: scheduleForm(context, filled) });
}

async function make(ports: DashboardPorts, context: DashboardContext): Promise<Response> {
  const { name = '', ...fields } = (await readForm(context, form)) ?? {};
  const wanted = wantedOf(fields);
  const filled = { name: null, wanted: { ...wanted, name }, seenMs: null };
  if ((await ports.schedules.read(name)) !== null) {
    const problem = `There is a schedule ${name} already; edit that one, or choose another name.`;
    return await show(context, { ...filled, problem }, 409);
  }
  return await set(ports, context, name, filled, wanted);
}

async function save(
  ports: DashboardPorts,
  context: DashboardContext,
  { schedule: { name }, setAtMs }: KeptSchedule,
): Promise<Response> {
  const { seenMs, ...fields } = (await readForm(context, form)) ?? {};
  const wanted = wantedOf(fields);
  const filled = { name, wanted, seenMs: setAtMs };
  if (Number(seenMs) !== setAtMs) {
    const problem = `Somebody has changed ${name} since this form was opened. Saving again replaces that.`;
    return await show(context, { ...filled, problem }, 409);
  }
  return await set(ports, context, name, filled, wanted);
}

async function set(
  ports: DashboardPorts,
  context: DashboardContext,
  name: string,
  filled: Omit<Filled, 'problem'>,
  wanted: WantedSchedule,
): Promise<Response> {
  const result = await setWanted(ports, name, wanted, context.var.user.name);
  if (result.kind === 'set') {
    return context.redirect(`/schedules/${name}?done=${result.result}`, 303);
  }
  return await show(context, { ...filled, problem: result.message }, 400);
}

/** Only what a schedule has; the parser of `schedule set` says what is wrong with it. */
function wantedOf({ _csrf, only = '', ...fields }: Form): WantedSchedule {
  const texts = Object.entries(fields).filter(([key]) => KEYS.has(key) && !CHECKS.includes(key));
  const map = MANIFEST_ROLES.flatMap((role) => {
    const column = fields[`map.${role}`] ?? '';
    return column === '' ? [] : [[role, column] as const];
  });
  return {
    ...Object.fromEntries(texts),
    ...Object.fromEntries(CHECKS.map((key) => [key, fields[key] !== undefined])),
    only,
    map: Object.fromEntries(map),
  };
}

const KEYS: ReadonlySet<string> = new Set(Object.keys(wantedSchedule.shape));
