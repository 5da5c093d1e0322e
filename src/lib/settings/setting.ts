import type { z } from 'zod';

/** One setting as people see it: in the environment, `doctor` and the handbook. */
export interface Setting<T> {
  schema: z.ZodType<T, string>;
  /** The value for the environment; undefined when there is none. */
  default?: string;
  /** What may be given, with its unit: as its schema describes it, then `note`. */
  range: string;
  purpose: string;
  isSecret?: true;
}

export type WithDefault<T> = Setting<T> & { default: string };
type Declared<One> = Omit<One, 'range'> & { note?: string };

const withRange = <One extends { schema: z.ZodType; note?: string }>({
  note = '',
  ...one
}: One) => ({
  ...one,
  range: `${one.schema.description ?? ''}${note}`,
});

export const setting = <T>(one: Declared<WithDefault<T>>): WithDefault<T> => withRange(one);
export const optional = <T>(one: Omit<Declared<Setting<T>>, 'default'>): Setting<T> =>
  withRange(one);
