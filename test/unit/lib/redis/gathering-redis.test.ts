import { Command } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { requestOf } from '../../../../src/lib/redis/gathering-redis.ts';

/** The protocol of Redis, one argument at a time. */
function byTheProtocol(parts: readonly (string | Buffer)[]): Buffer {
  const values = parts.map((part) => Buffer.from(part as string));
  return Buffer.concat([
    Buffer.from(`*${parts.length}\r\n`),
    ...values.flatMap((value) => [Buffer.from(`$${value.length}\r\n`), value, Buffer.from('\r\n')]),
  ]);
}

const BYTES = Buffer.from([0, 13, 10, 36, 255]);

describe('request', () => {
  it.each<[string, (string | Buffer)[]]>([
    ['a buffer at the end', ['key', 'field', BYTES]],
    ['a buffer at the beginning', [BYTES, 'value']],
    ['two buffers side by side', ['key', BYTES, BYTES, 'value']],
    ['an empty buffer and an empty text', ['', Buffer.alloc(0), '']],
    ['text of several bytes a character', ['schlüssel', '鍵 \u{1f511}', BYTES, 'é']],
    ['nothing but buffers', [BYTES, Buffer.from('é')]],
  ])('the request of a command with %s is that of the protocol', (_, args) => {
    const command = new Command('evalsha', args);
    const expected = byTheProtocol(['evalsha', ...args]);
    expect(requestOf(command)).toEqual(expected);
    expect(command.toWritable({})).toEqual(expected);
  });

  it('the request of a command with numbers shows them as text', () => {
    const command = new Command('set', ['key', 2 ** 53 - 1, BYTES]);
    expect(requestOf(command)).toEqual(byTheProtocol(['set', 'key', '9007199254740991', BYTES]));
  });

  it('the request of a command without a buffer is the text of ioredis', () => {
    const command = new Command('set', ['schlüssel', 'é']);
    expect(Buffer.from(command.toWritable({}))).toEqual(byTheProtocol(['set', 'schlüssel', 'é']));
  });
});
