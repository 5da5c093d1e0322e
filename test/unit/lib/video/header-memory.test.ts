import { describe, expect, it } from 'vitest';
import { HeaderMemory } from '../../../../src/lib/video/header-memory.ts';
import type { Header } from '../../../../src/lib/video/mp4/locate-moov.ts';

const header: Header = {
  ftyp: Buffer.from('ftyp'),
  moov: Buffer.from('moov'),
  media: { start: 4, bytes: Buffer.from('frame') },
  isFileCut: false,
};

/** Counts how often it read. */
function looking(): {
  memory: HeaderMemory<string | null>;
  look: () => Promise<string>;
  looks(): number;
} {
  let looks = 0;
  const look = async (): Promise<string> => {
    looks += 1;
    return `look ${looks}`;
  };
  return { memory: new HeaderMemory(), look, looks: () => looks };
}

describe('memory of headers', () => {
  it('the memory of headers recognises the same bytes', async () => {
    const { memory, look, looks } = looking();
    await memory.recall(header, look);
    const copy = { ...header, ftyp: Buffer.from('ftyp'), moov: Buffer.from('moov') };
    expect(await memory.recall(copy, look)).toBe('look 1');
    expect(looks()).toBe(1);
  });

  it('the memory of headers reads once for all that come at the same time', async () => {
    const { memory, look, looks } = looking();
    const found = await Promise.all([1, 2, 3].map(() => memory.recall(header, look)));
    expect(found).toEqual(['look 1', 'look 1', 'look 1']);
    expect(looks()).toBe(1);
  });

  it('the memory of headers lets each caller read if the first reading fails', async () => {
    const { memory, look } = looking();
    const first = memory.recall(header, () => Promise.reject(new Error('aborted')));
    const second = memory.recall(header, look);
    await expect(first).rejects.toThrow('aborted');
    expect(await second).toBe('look 1');
  });

  it.each<[what: string, other: Partial<Header>]>([
    ['ftyp', { ftyp: Buffer.from('fty') }],
    ['moov', { moov: Buffer.from('moow') }],
    ['the border between the two', { ftyp: Buffer.from('ftypm'), moov: Buffer.from('oov') }],
    ['the media data', { media: { start: 4, bytes: Buffer.from('other') } }],
    ['the place of the media data', { media: { start: 5, bytes: Buffer.from('frame') } }],
    ['a file that is cut', { isFileCut: true }],
  ])(
    'the memory of headers takes nothing for the same that differs in %s',
    async (_what, other) => {
      const { memory, look, looks } = looking();
      await memory.recall(header, look);
      await memory.recall({ ...header, ...other }, look);
      expect(looks()).toBe(2);
    },
  );

  it('the memory of headers also remembers that a header was unclear', async () => {
    const { memory, look, looks } = looking();
    await memory.recall(header, async () => null);
    expect(await memory.recall(header, look)).toBeNull();
    expect(looks()).toBe(0);
  });

  it('the memory of headers keeps no failure', async () => {
    const { memory, look } = looking();
    const failing = memory.recall(header, () => Promise.reject(new Error('timed out')));
    await expect(failing).rejects.toThrow('timed out');
    expect(await memory.recall(header, look)).toBe('look 1');
  });

  it('the memory of headers drops the least recently used', async () => {
    const { memory, look, looks } = looking();
    const numbered = (n: number): Header => ({ ...header, moov: Buffer.from(String(n)) });
    for (let n = 0; n < 2_000; n += 1) await memory.recall(numbered(n), look);
    await memory.recall(numbered(0), look);
    await memory.recall(numbered(2_000), look);
    expect(looks()).toBe(2_001);
    await memory.recall(numbered(0), look);
    expect(looks()).toBe(2_001);
    await memory.recall(numbered(1), look);
    expect(looks()).toBe(2_002);
  });
});
