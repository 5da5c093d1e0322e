/** The limit is divided into this many looks. */
const LOOKS = 5;

/**
 * Settles as `answer` does. Warns once if the answer has not come within `limitMs` of this process's own time: a
 * process that was frozen or starved may not have read an answer that arrived long ago.
 */
export async function warnIfSlow<T>(
  answer: Promise<T>,
  limitMs: number,
  onSilence: () => void,
): Promise<T> {
  let looks = 0;
  let hasSettled = false;
  const timer = setInterval(() => {
    looks += 1;
    if (looks < LOOKS) return;
    clearInterval(timer);
    // Timers run before arrived data is read, so that is read first.
    setImmediate(() => {
      if (!hasSettled) onSilence();
    });
  }, limitMs / LOOKS);
  try {
    return await answer;
  } finally {
    hasSettled = true;
    clearInterval(timer);
  }
}
