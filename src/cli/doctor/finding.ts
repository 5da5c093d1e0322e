import { HANDBOOK } from '../handbook.ts';

/** The section of the handbook that explains this check. */
export const SECTIONS = {
  Node: HANDBOOK.needs,
  key: HANDBOOK.settings,
  proxy: HANDBOOK.settings,
  ffprobe: HANDBOOK.needs,
  'redis-server': HANDBOOK.needs,
  Redis: HANDBOOK.needs,
  rights: HANDBOOK.rights,
  persistence: HANDBOOK.persistence,
  replicas: HANDBOOK.failover,
  memory: HANDBOOK.sizing,
  clock: HANDBOOK.needs,
  database: HANDBOOK.database,
  reports: HANDBOOK.settings,
} as const;

/** What was checked, the result, and what to do about it. */
export interface Finding {
  name: keyof typeof SECTIONS;
  grade: 'good' | 'warning' | 'bad';
  message: string;
}
