import type { z } from 'zod';

/** One setting as people see it: in the environment, `doctor` and the handbook. */
export interface Setting<T> {
  schema: z.ZodType<T, string>;
  /** The value for the environment; undefined when there is none. */
  default?: string;
  /** Unit and range. */
  range: string;
  purpose: string;
  isSecret?: true;
}

export type WithDefault<T> = Setting<T> & { default: string };

export const setting = <T>(setting: WithDefault<T>): WithDefault<T> => setting;
export const optional = <T>(setting: Omit<Setting<T>, 'default'>): Setting<T> => setting;
