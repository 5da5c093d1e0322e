import { z } from 'zod';
import { sayWhatIsWanted } from '../../lib/settings/schema-words.ts';
import { isKlingErrorCode, KLING_ERROR_CODES } from '../kling-errors.ts';

/** What a scenario file holds; docs/sandbox.md is its reference. Times are milliseconds, calls count from 1. */
export type Scenario = z.infer<typeof scenarioSchema>;
export type ScenarioRule = Scenario['rules'][number];

/** Every problem of a scenario at once, one sentence each. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
  readonly problems: readonly string[];

  constructor(origin: string, problems: readonly string[]) {
    super(
      `${origin} is not a valid scenario:\n${problems.map((line) => `  - ${line}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

const wholeNumber = z.int().min(1);
const milliseconds = z.number().min(0);
const text = z.string().min(1);

// What HTTP allows (RFC 9110, section 5), so that a rule cannot break the server that plays it.
const headerName = z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, 'is not the name of a header');
const headerValue = z.string().regex(/^[\t\x20-\x7e]*$/, 'must be printable ASCII');

const rangeSchema = z
  .strictObject({ from: wholeNumber.optional(), to: wholeNumber.optional() })
  .refine(({ from = 1, to = Number.POSITIVE_INFINITY }) => from <= to, 'from must not exceed to');

const numberOrRange = z.union([wholeNumber.transform((n) => ({ from: n, to: n })), rangeSchema]);

const delaySchema = z.union([
  milliseconds.transform((ms) => ({ min: ms, max: ms })),
  z
    .strictObject({ min: milliseconds, max: milliseconds })
    .refine(({ min, max }) => min <= max, 'min must not exceed max'),
]);

const whenSchema = z.strictObject({
  /** Calls of the API since the scenario was loaded. */
  calls: numberOrRange.optional(),
  /** The `row` query parameter of the call's `video_url`. */
  row: numberOrRange.optional(),
  /** Part of `video_url`, `video_id` or `task_id`; any one of a list. */
  contains: z.union([text.transform((one) => [one]), z.array(text).min(1)]).optional(),
  /** Since the scenario was loaded; `fromMs` inclusive, `untilMs` exclusive. */
  fromMs: milliseconds.optional(),
  untilMs: milliseconds.optional(),
  /** Of the calls that meet all the rest, seeded. */
  share: z.number().min(0).max(1).optional(),
  /** The next so many calls that meet all the rest; then the rule is spent. */
  count: wholeNumber.optional(),
});

const moment = z.enum(['before', 'after']);

const doSchema = z
  .strictObject({
    status: z.int().min(200).max(599).optional(),
    code: z
      .number()
      .refine(isKlingErrorCode, `must be one of Kling's codes: ${KLING_ERROR_CODES.join(', ')}`)
      .optional(),
    body: z.json().optional(),
    headers: z.record(headerName, headerValue).optional(),
    delayMs: delaySchema.optional(),
    reset: moment.optional(),
    hang: moment.optional(),
    half: z.literal(true).optional(),
    garbage: z.literal(true).optional(),
  })
  .superRefine((action, context) => {
    for (const message of contradictions(action)) context.addIssue({ code: 'custom', message });
  });

const scenarioSchema = z.strictObject({
  description: z.string().optional(),
  /** Decides which calls a `share` picks; the same seed picks the same ones. */
  seed: z.int().default(1),
  rules: z.array(
    z.strictObject({
      name: text.optional(),
      when: whenSchema.default({}),
      do: doSchema,
    }),
  ),
});

/** Throws `ScenarioError`. `origin` names the file or sender in its message. */
export function parseScenario(value: unknown, origin: string): Scenario {
  const parsed = scenarioSchema.safeParse(value, { error: sayWhatIsWanted });
  if (parsed.success) return parsed.data;
  throw new ScenarioError(origin, parsed.error.issues.flatMap(describeIssue));
}

function contradictions(action: Record<string, unknown>): string[] {
  const given = (names: string[]) => names.filter((name) => action[name] !== undefined);
  const problems: string[] = [];
  if (given(Object.keys(action)).length === 0) problems.push('must say what happens');
  const deliveries = given(['reset', 'hang', 'half', 'garbage']);
  if (deliveries.length > 1) problems.push(`${deliveries.join(' and ')} exclude each other`);
  const [lost] = given(['reset', 'hang']);
  const unsent = given(['status', 'code', 'body', 'headers']);
  if (lost !== undefined && unsent.length > 0) {
    problems.push(`${lost} sends no answer, so ${unsent.join(', ')} cannot be given with it`);
  }
  if (given(['code', 'body']).length === 2) problems.push('code and body exclude each other');
  if (action.body !== undefined && action.status === undefined)
    problems.push('body needs a status');
  return problems;
}

type Issue = z.core.$ZodIssue;

/** A union reports what each branch disliked; the branch that got furthest is the one that was meant. */
function describeIssue(issue: Issue): string[] {
  if (issue.code === 'invalid_union') {
    const furthest = issue.errors.toSorted((a, b) => depth(b) - depth(a))[0] ?? [];
    return furthest.flatMap((inner) =>
      describeIssue({ ...inner, path: [...issue.path, ...inner.path] }),
    );
  }
  return [`${issue.path.length === 0 ? 'the scenario' : issue.path.join('.')}: ${issue.message}`];
}

function depth(issues: Issue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length));
}
