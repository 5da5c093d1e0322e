import cronstrue from 'cronstrue';

const OPTIONS = { use24HourTimeFormat: true, verbose: true };

/** `At 02:00, Monday through Friday`; null for an expression that has no words, whose next times say more. */
export function cronInWords(cron: string): string | null {
  try {
    return cronstrue.toString(cron.trim(), OPTIONS);
  } catch {
    return null;
  }
}
