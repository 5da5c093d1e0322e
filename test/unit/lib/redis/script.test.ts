import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { globSync } from 'tinyglobby';
import { describe, expect, it } from 'vitest';
import { type Declaration, declareLocals, type Script } from '../../../../src/lib/redis/script.ts';

describe('names of a script', () => {
  it('the names of a script stand for keys and arguments in their declared order', () => {
    expect(declareLocals({ keys: ['batch', 'underWay'], args: ['row'] })).toBe(
      'local batch, underWay = KEYS[1], KEYS[2] local row = ARGV[1]',
    );
  });

  it('the names of a script omit what is not declared', () => {
    expect(declareLocals({ keys: ['batch'], args: [] })).toBe('local batch = KEYS[1]');
  });

  it('the names of a script give all further keys, and all further arguments, one name', () => {
    expect(declareLocals({ keys: [], moreKeys: 'ledgers', args: ['row'], rest: 'others' })).toBe(
      'local ledgers = {} for i = 1, #KEYS do ledgers[#ledgers + 1] = KEYS[i] end ' +
        'local row = ARGV[1] local others = {} for i = 2, #ARGV do others[#others + 1] = ARGV[i] end',
    );
  });

  it('the names of a script make records of the further arguments', () => {
    const declared = { keys: [], args: ['now'], rest: 'rows', fields: ['row', 'state'] };
    expect(declareLocals(declared)).toBe(
      'local now = ARGV[1] local rows = {} ' +
        'for i = 2, #ARGV, 2 do rows[#rows + 1] = { row = ARGV[i + 0], state = ARGV[i + 1] } end',
    );
  });

  it('the names of a script stand for constants, too, which become part of the text', () => {
    const constants = { most: 3, states: ['ready', 'n:opening'], next: { running: 'paused' } };
    expect(declareLocals({ keys: [], args: [], constants })).toBe(
      "local most = 3 local states = { 'ready', 'n:opening' } local next = { ['running'] = 'paused' }",
    );
  });

  it.each(["it's", 'a\\', 'two\nlines'])(
    'the constants of a script may not be %j, which would have to be quoted',
    (text) => {
      expect(() => declareLocals({ keys: [], args: [], constants: { text } })).toThrow(
        'plain constant',
      );
    },
  );

  it.each(['end', 'until', '1st', 'two words', 'a]b', ''])(
    'the names of a script may not be %j, which is not a name in Lua',
    (name) => {
      expect(() => declareLocals({ keys: [name], args: [] })).toThrow('cannot be a name in Lua');
    },
  );

  it('the names of a script may not be declared twice', () => {
    expect(() => declareLocals({ keys: ['batch'], args: ['batch'] })).toThrow('declared twice');
  });

  it('every name of a script must be given at a call: the compiler refuses one too few or too many', async () => {
    const redis = new Redis({ lazyConnect: true });
    const scriptOf = <const D extends Declaration>(_: D): Script<D> => ({
      run: () => Promise.resolve('done'),
    });
    const plain = scriptOf({ keys: ['batch'], args: ['row'] });
    const bare = scriptOf({ keys: ['batch'], args: [] });
    const variadic = scriptOf({ keys: ['batch'], moreKeys: 'ledgers', args: [], rest: 'rows' });
    const records = scriptOf({ keys: [], args: [], rest: 'rows', fields: ['row', 'state'] });
    const replies = await Promise.all([
      plain.run(redis, { batch: 'b' }, { row: 1 }),
      bare.run(redis, { batch: 'b' }),
      variadic.run(redis, { batch: 'b', ledgers: ['l'] }, { rows: [1, 2] }),
      records.run(redis, {}, { rows: [{ row: 1, state: 'ready' }] }),
      // @ts-expect-error a key is missing
      plain.run(redis, {}, { row: 1 }),
      // @ts-expect-error an argument is missing
      plain.run(redis, { batch: 'b' }, {}),
      // @ts-expect-error all arguments are missing
      plain.run(redis, { batch: 'b' }),
      // @ts-expect-error an argument is not declared
      plain.run(redis, { batch: 'b' }, { row: 1, state: 'ready' }),
      // @ts-expect-error no argument is declared
      bare.run(redis, { batch: 'b' }, { row: 1 }),
      // @ts-expect-error the rest is no list
      variadic.run(redis, { batch: 'b', ledgers: ['l'] }, { rows: 1 }),
      // @ts-expect-error the further keys are missing
      variadic.run(redis, { batch: 'b' }, { rows: [] }),
      // @ts-expect-error a field is missing
      records.run(redis, {}, { rows: [{ row: 1 }] }),
    ]);
    expect(new Set(replies)).toEqual(new Set(['done']));
  });
});

describe('scripts of the program', () => {
  const src = new URL('../../../../src/', import.meta.url);
  const scripts = globSync('**/*.lua', { cwd: fileURLToPath(src) });

  it('the scripts of the program exist', () => {
    expect(scripts.length).toBeGreaterThan(30);
  });

  it.each(scripts)('the script %s takes its keys and arguments by name', async (script) => {
    expect(await readFile(new URL(script, src), 'utf8')).not.toMatch(/\b(KEYS|ARGV)\b/);
  });
});
