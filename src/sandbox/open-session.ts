import { sessionAnswer, unrecognisedVideoAnswer } from './answers.ts';
import { type Call, type CallContext, type Reply, refused } from './call.ts';
import type { CheckedSource } from './check-request.ts';
import { answerForPair } from './special-ids.ts';
import { inspectClip } from './video/inspect-clip.ts';
import { type ClipFacts, judgeClip } from './video/judge-clip.ts';

/** Nothing is known here about Kling's own works; these facts stand for any of them. */
const FACTS_OF_A_PAIR: ClipFacts = {
  formatName: 'mp4',
  width: 1280,
  height: 720,
  fps: 30,
  durationS: 5,
};

/** Opens a session for a valid request, or says what is wrong with the video itself. */
export async function openSession(
  context: CallContext,
  call: Call,
  source: CheckedSource,
): Promise<Reply> {
  return source.kind === 'url'
    ? await openForUrl(context, call, source.videoUrl)
    : openForPair(context, call, source);
}

async function openForUrl(context: CallContext, call: Call, videoUrl: string): Promise<Reply> {
  const { ffprobePath, closing: signal } = context;
  if (ffprobePath === null) return opened(context, call, null, videoUrl);
  const inspection = await inspectClip(videoUrl, { ffprobePath, signal });
  if (!inspection.ok) return refused(call, { kind: 'clip', message: inspection.message });
  const violations = judgeClip(inspection.facts);
  return violations.length === 0
    ? opened(context, call, inspection.facts, videoUrl)
    : refused(call, { kind: 'clip', message: violations.join('; ') });
}

function openForPair(
  context: CallContext,
  call: Call,
  pair: Extract<CheckedSource, { kind: 'kling' }>,
): Reply {
  const answer = answerForPair(pair.videoId, pair.taskId);
  switch (answer.kind) {
    case 'kling_error':
      return refused(call, answer);
    case 'unrecognised':
      return {
        answer: unrecognisedVideoAnswer(call.requestId),
        result: 'refused',
        sessionId: null,
      };
    case 'answer_lost':
      return { ...opened(context, call, FACTS_OF_A_PAIR, null), delivery: 'reset' };
    case 'session':
      return opened(context, call, FACTS_OF_A_PAIR, null);
  }
}

function opened(
  context: CallContext,
  call: Call,
  facts: ClipFacts | null,
  videoUrl: string | null,
): Reply {
  const sessionId = sessionIdFor(context.now(), call.number);
  const { requestId } = call;
  return {
    answer: sessionAnswer({ call: call.number, sessionId, requestId, facts, videoUrl }),
    result: 'opened',
    sessionId,
  };
}

/** 18 digits like Kling's. No practice API has given the same id before. */
function sessionIdFor(nowMs: number, call: number): string {
  const time = String(Math.trunc(nowMs)).padStart(13, '0').slice(-13);
  return `${time}${String(call % 100_000).padStart(5, '0')}`;
}
