/** Reads and writes the parts of WebAssembly's binary format (https://webassembly.github.io/spec/core/binary/). */

export interface WasmCursor {
  /** Offset of the next byte. */
  readonly at: number;
  readonly isAtEnd: boolean;
  byte(): number;
  /** Returns the next byte without reading it; 0 at the end. */
  peek(): number;
  skip(bytes: number): void;
  /** A number in LEB128. */
  unsigned(): number;
  /** Skips any number in LEB128, signed or not. */
  skipNumber(): void;
  /** Returns the next bytes without copying them. */
  take(bytes: number): Uint8Array;
}

export function makeWasmCursor(bytes: Uint8Array, start = 0): WasmCursor {
  let at = start;
  const byte = () => {
    const next = bytes[at];
    if (next === undefined) throw new RangeError(`the module ends within an item, at byte ${at}`);
    at += 1;
    return next;
  };
  return {
    get at() {
      return at;
    },
    get isAtEnd() {
      return at >= bytes.length;
    },
    byte,
    peek: () => bytes[at] ?? 0,
    skip: (count) => void (at += count),
    unsigned() {
      let result = 0;
      for (let factor = 1; ; factor *= 128) {
        const next = byte();
        result += (next & 0x7f) * factor;
        if (next < 0x80) return result;
      }
    },
    skipNumber() {
      while ((bytes[at] ?? 0) >= 0x80) at += 1;
      at += 1;
    },
    take: (count) => bytes.subarray(at, (at += count)),
  };
}

/** Encodes a whole number from 0 to 2^31 in LEB128. */
export function encodeUnsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...encodeUnsigned(value >>> 7)];
}

/** Encodes a whole number from 0 to 2^31 as a signed number in LEB128, as constants are. */
export function encodeSigned(value: number): number[] {
  // The bit 0x40 of the last byte is the sign.
  return value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...encodeSigned(value >>> 7)];
}

export const opcodes = {
  unreachable: 0x00,
  loop: 0x03,
  if: 0x04,
  end: 0x0b,
  localGet: 0x20,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  i32Const: 0x41,
  i32LessThanSigned: 0x48,
  i32Subtract: 0x6b,
  i32ShiftRightUnsigned: 0x76,
  /** Followed by the number of the instruction. */
  extended: 0xfc,
} as const;

export const extendedOpcodes = { memoryCopy: 10, memoryFill: 11 } as const;

/** Skips the operands of an instruction. Throws for one that this file does not know, e.g. a vector instruction. */
export function skipOperands(cursor: WasmCursor, opcode: number): void {
  const numbers = numbersAfter(cursor, opcode);
  for (let nth = 0; nth < numbers; nth += 1) cursor.skipNumber();
}

/** Skips operands of a fixed size, and returns how many numbers follow. */
function numbersAfter(cursor: WasmCursor, opcode: number): number {
  // Comparisons, arithmetic and conversions.
  if (opcode >= 0x45 && opcode <= 0xc4) return 0;
  // Loads and stores: alignment and offset.
  if (opcode >= 0x28 && opcode <= 0x3e) return 2;
  switch (opcode) {
    case 0x00: // unreachable
    case 0x01: // nop
    case 0x05: // else
    case 0x0b: // end
    case 0x0f: // return
    case 0x1a: // drop
    case 0x1b: // select
      return 0;
    case 0x02: // block
    case 0x03: // loop
    case 0x04: // if
    case 0x0c: // br
    case 0x0d: // br_if
    case 0x10: // call
    case 0x20: // local.get, local.set, local.tee, global.get, global.set
    case 0x21:
    case 0x22:
    case 0x23:
    case 0x24:
    case 0x25: // table.get, table.set
    case 0x26:
    case 0x3f: // memory.size, memory.grow
    case 0x40:
    case 0x41: // i32.const, i64.const
    case 0x42:
    case 0xd0: // ref.null
    case 0xd2: // ref.func
      return 1;
    case 0x11: // call_indirect
      return 2;
    case 0x0e: // br_table: labels and a default
      return cursor.unsigned() + 1;
    case 0x1c: // select with types
      return cursor.unsigned();
    case 0x43: // f32.const
      cursor.skip(4);
      return 0;
    case 0x44: // f64.const
      cursor.skip(8);
      return 0;
    case 0xd1: // ref.is_null
      return 0;
    case opcodes.extended:
      return numbersAfterExtended(cursor.unsigned());
    default:
      throw new RangeError(`unknown instruction 0x${opcode.toString(16)} before byte ${cursor.at}`);
  }
}

function numbersAfterExtended(code: number): number {
  // Conversions that saturate.
  if (code <= 7) return 0;
  // data.drop, memory.fill, elem.drop, table.grow, table.size, table.fill; the others name two memories or tables.
  return [9, 11, 13, 15, 16, 17].includes(code) ? 1 : 2;
}
