import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { declareLocals, type NamedScript } from '../../../../src/lib/redis/named-script.ts';

describe('the names of a script', () => {
  it('stand for keys and arguments in the order declared', () => {
    expect(declareLocals({ keys: ['batch', 'underWay'], args: ['row'] })).toBe(
      'local batch, underWay = KEYS[1], KEYS[2] local row = ARGV[1]',
    );
  });

  it('leave what is not declared out', () => {
    expect(declareLocals({ keys: ['batch'], args: [] })).toBe('local batch = KEYS[1]');
  });

  it('give all further arguments one name', () => {
    expect(declareLocals({ keys: [], args: ['row'], rest: 'others' })).toBe(
      'local row = ARGV[1] local others = {} for i = 2, #ARGV do others[#others + 1] = ARGV[i] end',
    );
  });

  it.each(['end', 'until', '1st', 'two words', 'a]b', ''])(
    'refuse %j, which is none in Lua',
    (name) => {
      expect(() => declareLocals({ keys: [name], args: [] })).toThrow('cannot be a name in Lua');
    },
  );

  it('refuse one that is declared twice', () => {
    expect(() => declareLocals({ keys: ['batch'], args: ['batch'] })).toThrow('declared twice');
  });

  it('must each be given at a call: the compiler refuses one too few or too many', async () => {
    const redis = new Redis({ lazyConnect: true });
    const run = () => Promise.resolve('done');
    const plain: NamedScript<'batch', 'row', never> = { run };
    const bare: NamedScript<'batch', never, never> = { run };
    const variadic: NamedScript<'batch', never, 'rows'> = { run };
    const replies = await Promise.all([
      plain.run(redis, { batch: 'b' }, { row: 1 }),
      bare.run(redis, { batch: 'b' }, {}),
      variadic.run(redis, { batch: 'b' }, {}, [1, 2]),
      // @ts-expect-error a key is missing
      plain.run(redis, {}, { row: 1 }),
      // @ts-expect-error an argument is missing
      plain.run(redis, { batch: 'b' }, {}),
      // @ts-expect-error an argument is not declared
      plain.run(redis, { batch: 'b' }, { row: 1, state: 'ready' }),
      // @ts-expect-error no argument is declared
      bare.run(redis, { batch: 'b' }, { row: 1 }),
      // @ts-expect-error there is no rest
      plain.run(redis, { batch: 'b' }, { row: 1 }, [2]),
      // @ts-expect-error the rest is missing
      variadic.run(redis, { batch: 'b' }, {}),
    ]);
    expect(new Set(replies)).toEqual(new Set(['done']));
  });
});
