import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import { type Answer, type Dialect, klingErrorAnswer, relayErrorAnswer } from './answers.ts';
import type { CallContext } from './call.ts';
import { handleCall } from './handle-call.ts';
import { ScenarioError } from './scenario/scenario.ts';
import { serveVideo } from './video/serve-video.ts';

const INIT_SELECTION = '/v1/videos/multi-elements/init-selection';
const DIALECTS: [path: string, dialect: Dialect][] = [
  [`/kling${INIT_SELECTION}`, 'relay'],
  [INIT_SELECTION, 'kling'],
];

export interface SandboxAppOptions {
  calls: CallContext;
  videosDir: string;
  sessionLifetimeMs: number;
  /** The name of a built-in scenario, a scenario, or null for none. Throws `ScenarioError`. */
  setScenario: (scenario: unknown) => void;
}

type Env = { Bindings: HttpBindings };

/** The routes of the practice API; docs/sandbox.md describes them. */
export function createSandboxApp(options: SandboxAppOptions): Hono<Env> {
  const app = new Hono<Env>();
  for (const [path, dialect] of DIALECTS) addInitSelection(app, path, dialect, options.calls);
  addVideos(app, options);
  addControls(app, options);
  app.notFound((context) => {
    const { method, path } = context.req;
    return toResponse(relayErrorAnswer(404, '', `Invalid URL (${method} ${path})`));
  });
  app.onError((error, context) => {
    if (!options.calls.closing.aborted && !context.env.outgoing.headersSent) {
      return context.text(`The practice API failed: ${error.message}\n`, 500);
    }
    context.env.outgoing.destroy();
    return RESPONSE_ALREADY_SENT;
  });
  return app;
}

function addInitSelection(
  app: Hono<Env>,
  path: string,
  dialect: Dialect,
  calls: CallContext,
): void {
  app.post(path, async (context) => {
    await handleCall(calls, {
      dialect,
      authorization: context.req.header('authorization'),
      contentType: context.req.header('content-type'),
      readBody: () => context.req.text(),
      outgoing: context.env.outgoing,
    });
    return RESPONSE_ALREADY_SENT;
  });
  app.all(path, () => toResponse(klingErrorAnswer(1202, crypto.randomUUID())));
}

function addVideos(app: Hono<Env>, { calls, videosDir }: SandboxAppOptions): void {
  // Hono serves HEAD with the GET route.
  app.get('/videos/:path{.+}', async (context) => {
    const { incoming, outgoing } = context.env;
    const exchange = { incoming, outgoing, closing: calls.closing };
    await serveVideo(videosDir, context.req.param('path'), exchange);
    return RESPONSE_ALREADY_SENT;
  });
}

function addControls(app: Hono<Env>, options: SandboxAppOptions): void {
  const { ledger, now } = options.calls;
  app.get('/sandbox/ledger', (context) => {
    const after = Number(context.req.query('after') ?? 0);
    return context.json(ledger.snapshot(Number.isFinite(after) ? after : 0));
  });
  app.get('/sandbox/sessions/:id', (context) => {
    const openedAtMs = ledger.openedAtMs(context.req.param('id'));
    if (openedAtMs === null)
      return context.json({ error: 'No such session was opened here.' }, 404);
    const expiresAtMs = openedAtMs + options.sessionLifetimeMs;
    return context.json({ openedAtMs, expiresAtMs, isLive: now() < expiresAtMs });
  });
  app.post('/sandbox/scenario', async (context) => {
    try {
      options.setScenario(await context.req.json());
      return context.json({ ok: true });
    } catch (error) {
      if (error instanceof ScenarioError) return context.json({ problems: error.problems }, 400);
      if (error instanceof SyntaxError) return context.json({ problems: [error.message] }, 400);
      throw error;
    }
  });
}

function toResponse(answer: Answer): Response {
  return new Response(answer.body, { status: answer.status, headers: answer.headers });
}
