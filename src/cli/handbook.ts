/** Headings in docs/operations.md that messages point to. */
export const HANDBOOK = {
  needs: 'What it needs',
  settings: 'Settings',
  sizing: 'How much of everything',
  rights: 'Rights in Redis',
  failover: 'When a sentinel replaces the primary',
  database: 'A database of results',
  persistence: 'Back-up, upgrade, rollback',
} as const;
