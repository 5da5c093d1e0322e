import { HANDBOOK } from '../handbook.ts';

/** Which section of the handbook explains what was looked at. */
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
} as const;

/** What was looked at, how it is, and what to do about it. */
export interface Finding {
  name: keyof typeof SECTIONS;
  grade: 'good' | 'warning' | 'bad';
  message: string;
}
