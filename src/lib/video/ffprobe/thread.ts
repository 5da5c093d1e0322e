// Runs ffprobe for the main thread. Creating a process blocks its thread for some milliseconds; at 60 videos a
// second, the main thread would lose that time for the API's answers.
import { parentPort } from 'node:worker_threads';
import { runFfprobe } from './ffprobe.ts';
import type { ThreadReply, ThreadRequest } from './thread-runner.ts';

const running = new Map<number, AbortController>();

parentPort?.on('message', (request: ThreadRequest) => {
  if (request.kind === 'abort') running.get(request.id)?.abort();
  else void execute(request);
});

async function execute({ id, filePath, options }: ThreadRequest & { kind: 'run' }): Promise<void> {
  const controller = new AbortController();
  running.set(id, controller);
  const reply = await runFfprobe(filePath, options, controller.signal).then(
    (run): ThreadReply => ({ id, run }),
    (): ThreadReply => ({ id, run: null }),
  );
  running.delete(id);
  parentPort?.postMessage(reply);
}
