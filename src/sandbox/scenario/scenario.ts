import { z } from 'zod';
import { sayWhatIsWanted } from '../../lib/settings/schema-words.ts';
import { isKlingErrorCode, KLING_ERROR_CODES } from '../kling-errors.ts';

/** The content of a scenario file; docs/sandbox.md is its reference. Times are milliseconds, calls count from 1. */
export type Scenario = z.infer<typeof scenarioSchema>;
export type ScenarioRule = Scenario['rules'][number];

/** All problems of a scenario, one sentence each. */
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

// What HTTP allows (RFC 9110, section 5), so that a rule cannot break the server.
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
  /** Part of `video_url`, `video_id` or `task_id`; in a list any one must match. */
  contains: z.union([text.transform((one) => [one]), z.array(text).min(1)]).optional(),
  /** Since the scenario was loaded; `fromMs` inclusive, `untilMs` exclusive. */
  fromMs: milliseconds.optional(),
  untilMs: milliseconds.optional(),
  /** A share of the calls that match everything else, chosen by the seed. */
  share: z.number().min(0).max(1).optional(),
  /** The next calls that match everything else, up to this number; then the rule is used up. */
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
  /** Decides which calls a `share` selects; the same seed selects the same ones. */
  seed: z.int().default(1),
  rules: z.array(
    z.strictObject({
      name: text.optional(),
      when: whenSchema.default({}),
      do: doSchema,
    }),
  ),
});

/** Throws `ScenarioError`. Its message names `origin`, the file or sender. */
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

/** A union reports the problems of each branch; the branch that matched furthest is the intended one. */
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
