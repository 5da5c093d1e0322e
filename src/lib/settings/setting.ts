import type { z } from 'zod';

/** One setting as people meet it: in the environment, `doctor` and the handbook. */
export interface Setting<T> {
  schema: z.ZodType<T, string>;
  /** As written in the environment; undefined when there is none. */
  default?: string;
  /** Unit and range. */
  range: string;
  purpose: string;
  isSecret?: true;
}

export type WithDefault<T> = Setting<T> & { default: string };

export const setting = <T>(setting: WithDefault<T>): WithDefault<T> => setting;
export const optional = <T>(setting: Omit<Setting<T>, 'default'>): Setting<T> => setting;
