/** Headings of docs/operations.md that the program points to. */
export const HANDBOOK = {
  needs: 'What it needs',
  settings: 'Settings',
  sizing: 'How much of everything',
  persistence: 'Back-up, upgrade, rollback',
} as const;
