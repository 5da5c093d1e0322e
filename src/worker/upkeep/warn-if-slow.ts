/** In how many looks the limit is divided. */
const LOOKS = 5;

/**
 * Settles as `answer` does, and says meanwhile, once, when it has not come within `limitMs` of this process's own time:
 * one that was frozen or starved has not heard yet what was answered long ago.
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
    // Timers come before what has arrived; so that is read first.
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
