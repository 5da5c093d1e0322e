import { deserializeTCompactProtocol } from 'hyparquet/src/thrift.js';
import { ParquetError } from './parquet-error.ts';

/** Kinds of values in Thrift's compact protocol. */
const KIND = {
  stop: 0,
  yes: 1,
  no: 2,
  byte: 3,
  integers: [4, 5, 6],
  double: 7,
  binary: 8,
  list: 9,
  struct: 12,
};

const MAX_VARINT_BYTES = 10;
const MAX_DEPTH = 16;

/** A struct of a Parquet file's metadata. Fields have numbers; one that is missing or of another kind is null. */
export class ThriftStruct {
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(fields: Readonly<Record<string, unknown>>) {
    this.#fields = fields;
  }

  has(field: number): boolean {
    return this.#get(field) !== undefined;
  }

  /** @throws ParquetError if JavaScript cannot hold it exactly. */
  number(field: number): number | null {
    const value = this.#get(field);
    if (typeof value !== 'number' && typeof value !== 'bigint') return null;
    const number = Number(value);
    if (!Number.isSafeInteger(number))
      throw new ParquetError('a number of its metadata is too large');
    return number;
  }

  flag(field: number): boolean | null {
    const value = this.#get(field);
    return typeof value === 'boolean' ? value : null;
  }

  text(field: number): string | null {
    const value = this.#get(field);
    return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : null;
  }

  struct(field: number): ThriftStruct | null {
    const value = this.#get(field);
    return isFields(value) ? new ThriftStruct(value) : null;
  }

  structs(field: number): ThriftStruct[] {
    const value = this.#get(field);
    if (!Array.isArray(value)) return [];
    return value.filter(isFields).map((fields) => new ThriftStruct(fields));
  }

  #get(field: number): unknown {
    return this.#fields[`field_${field}`];
  }
}

const isFields = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' &&
  value !== null &&
  !(value instanceof Uint8Array) &&
  !Array.isArray(value);

/**
 * Reads the struct at the beginning of `bytes`, of at most `maxItems` fields and list elements. `hyparquet` trusts
 * every length that it reads, so each is checked first.
 * @throws ParquetError
 */
export function readStruct(
  bytes: Uint8Array,
  maxItems: number,
): { struct: ThriftStruct; lengthBytes: number } {
  const lengthBytes = new ThriftCheck(bytes, maxItems).struct();
  const view = new DataView(bytes.buffer, bytes.byteOffset, lengthBytes);
  const fields = deserializeTCompactProtocol({ view, offset: 0 });
  return { struct: new ThriftStruct(fields), lengthBytes };
}

/** Walks over a struct and keeps nothing of it. */
class ThriftCheck {
  readonly #bytes: Uint8Array;
  #offset = 0;
  #itemsLeft: number;

  constructor(bytes: Uint8Array, maxItems: number) {
    this.#bytes = bytes;
    this.#itemsLeft = maxItems;
  }

  /** Returns where it ends. */
  struct(depth = 0): number {
    if (depth > MAX_DEPTH) throw new ParquetError('its metadata is nested too deeply');
    for (;;) {
      const head = this.#byte();
      const kind = head & 15;
      if (kind === KIND.stop) return this.#offset;
      if (head >> 4 === 0) this.#varint();
      this.#value(kind, depth);
    }
  }

  #value(kind: number, depth: number): void {
    this.#itemsLeft -= 1;
    if (this.#itemsLeft < 0) throw new ParquetError('it has too much metadata');
    if (kind === KIND.yes || kind === KIND.no) return;
    if (kind === KIND.byte) this.#skip(1);
    else if (KIND.integers.includes(kind)) this.#varint();
    else if (kind === KIND.double) this.#skip(8);
    else if (kind === KIND.binary) this.#skip(this.#varint());
    else if (kind === KIND.list) this.#list(depth);
    else if (kind === KIND.struct) this.struct(depth + 1);
    else throw new ParquetError('its metadata cannot be read');
  }

  #list(depth: number): void {
    const head = this.#byte();
    const kind = head & 15;
    const count = head >> 4 === 15 ? this.#varint() : head >> 4;
    if (count > this.#itemsLeft) throw new ParquetError('it has too much metadata');
    const isFlag = kind === KIND.yes || kind === KIND.no;
    for (let item = 0; item < count; item += 1) this.#value(isFlag ? KIND.byte : kind, depth + 1);
  }

  #byte(): number {
    const byte = this.#bytes[this.#offset];
    if (byte === undefined) throw new ParquetError('its metadata is cut off');
    this.#offset += 1;
    return byte;
  }

  #skip(count: number): void {
    if (count > this.#bytes.length - this.#offset)
      throw new ParquetError('its metadata is cut off');
    this.#offset += count;
  }

  /** The value is exact up to 2^53. */
  #varint(): number {
    let value = 0;
    for (let read = 0; read < MAX_VARINT_BYTES; read += 1) {
      const byte = this.#byte();
      value += (byte & 127) * 2 ** (7 * read);
      if (byte < 128) return value;
    }
    throw new ParquetError('its metadata cannot be read');
  }
}
