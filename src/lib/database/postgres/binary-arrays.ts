/** The types of PostgreSQL that parameters have, with their object ids (`pg_type.dat`, the same on every server). */
const TYPES = { text: 25, int: 23, bigint: 20, float8: 701 } as const;

export type ElementType = keyof typeof TYPES;
export type Element = string | number | bigint | null;

/** How an array is made of records. */
export interface ArrayColumn<T> {
  type: ElementType;
  of: (record: T) => Element;
}

const HEADER_BYTES = 20;
const TYPE_AT = 8;
const COUNT_AT = 12;
const LENGTH_BYTES = 4;
const NUMBER_BYTES = 8;
const NULL = -1;
const UTF8_BYTES = 3;

const FIRST_BYTES = 64 * 1024;
/** Buffers for a page with very long cells are not kept. */
const MOST_KEPT_BYTES = 2 * 1024 * 1024;

/**
 * Makes one-dimensional arrays in PostgreSQL's binary format (`array_recv`), as the values of parameters. Unlike an
 * array as text, it is neither quoted nor parsed. They are built in reused memory and then copied once.
 */
export class BinaryArrays {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #at = 0;

  /** One array for each column. Texts must not hold U+0000. */
  make<T>(columns: readonly ArrayColumn<T>[], records: readonly T[]): Buffer[] {
    this.#at = 0;
    const ends = columns.map((column) => this.#addArray(column, records));
    const bytes = Buffer.from(this.#bytes.subarray(0, this.#at));
    if (this.#bytes.length > MOST_KEPT_BYTES) this.#bytes = Buffer.allocUnsafe(FIRST_BYTES);
    return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
  }

  /** Returns its end. */
  #addArray<T>({ type, of }: ArrayColumn<T>, records: readonly T[]): number {
    this.#reserve(HEADER_BYTES);
    this.#at = writeHeader(this.#bytes, this.#at, TYPES[type], records.length);
    for (const record of records) {
      const value = of(record);
      const most = typeof value === 'string' ? value.length * UTF8_BYTES : NUMBER_BYTES;
      this.#reserve(LENGTH_BYTES + most);
      if (value === null) this.#addInt(NULL);
      else this.#add(type, value);
    }
    return this.#at;
  }

  #add(type: ElementType, value: Exclude<Element, null>): void {
    const at = this.#at + LENGTH_BYTES;
    const end = at + this.#write(type, value, at);
    this.#addInt(end - at);
    this.#at = end;
  }

  /** Returns the number of bytes. */
  #write(type: ElementType, value: Exclude<Element, null>, at: number): number {
    switch (type) {
      case 'text':
        return this.#bytes.write(value as string, at);
      case 'int':
        return this.#bytes.writeInt32BE(value as number, at) - at;
      case 'bigint':
        return this.#bytes.writeBigInt64BE(value as bigint, at) - at;
      case 'float8':
        return this.#bytes.writeDoubleBE(value as number, at) - at;
    }
  }

  #addInt(value: number): void {
    this.#at = this.#bytes.writeInt32BE(value, this.#at);
  }

  #reserve(bytes: number): void {
    const needed = this.#at + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * needed);
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}

function writeHeader(bytes: Buffer, start: number, type: number, count: number): number {
  let at = bytes.writeInt32BE(1, start); // dimensions
  at = bytes.writeInt32BE(1, at); // elements may be null
  at = bytes.writeInt32BE(type, at);
  at = bytes.writeInt32BE(count, at);
  return bytes.writeInt32BE(1, at); // the number of the first element
}

/** The elements of an array from one place up to another, as an array. */
export function sliceArray(array: Buffer, from: number, to: number): Buffer {
  let start = HEADER_BYTES;
  let end = HEADER_BYTES;
  for (let place = 0; place < to; place += 1) {
    if (place === from) start = end;
    end += LENGTH_BYTES + Math.max(0, array.readInt32BE(end));
  }
  const head = Buffer.alloc(HEADER_BYTES);
  writeHeader(head, 0, array.readInt32BE(TYPE_AT), to - from);
  return Buffer.concat([head, array.subarray(start, end)]);
}

/** An array of as many nulls as the array has elements. */
export function nullsLike(array: Buffer): Buffer {
  const count = array.readInt32BE(COUNT_AT);
  const nulls = Buffer.alloc(HEADER_BYTES + count * LENGTH_BYTES, 0xff);
  writeHeader(nulls, 0, array.readInt32BE(TYPE_AT), count);
  return nulls;
}
