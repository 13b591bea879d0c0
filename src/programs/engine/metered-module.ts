/**
 * Rewrites a WebAssembly module so that nothing it does is unbounded: its memory gets a maximum, and every call
 * of a function and every round of a loop pays for its instructions from a budget, an exported global. If the
 * budget falls below zero, the module traps. Unlike a time limit, a budget ends the same work on an idle and on an
 * overloaded machine, and needs no thread to enforce it.
 */

import {
  encodeSigned,
  encodeUnsigned,
  extendedOpcodes,
  makeWasmCursor,
  opcodes,
  skipOperands,
  type WasmCursor,
} from './wasm-format.ts';

/** The exported global, an i32, that holds what is left of the budget. */
export const BUDGET = 'budget-left';

/** Bytes before the first section: magic number and version. */
const HEADER_LENGTH = 8;

const sections = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  memory: 5,
  global: 6,
  export: 7,
  code: 10,
} as const;

const I32 = 0x7f;
const NO_VALUE = 0x40;

/**
 * Most that a region costs. Few regions have more instructions, and those are switches over many cases of which
 * one runs.
 */
const MAX_COST = 64;

/** Bytes that a bulk copy or fill moves per unit of the budget, as a power of two. */
const BULK_SHIFT = 4;

/** Returns the module with its limits. `maxPages`: 64 KiB each. Throws for a module with features unknown here. */
export function meterModule(source: Uint8Array, maxPages: number): Uint8Array<ArrayBuffer> {
  const cursor = makeWasmCursor(source, HEADER_LENGTH);
  const parts: Uint8Array[] = [source.subarray(0, HEADER_LENGTH)];
  /** Number of parameters by type, and type by function. */
  let parameters: number[] = [];
  let typeOf: number[] = [];
  let globals = 0;
  while (!cursor.isAtEnd) {
    const id = cursor.byte();
    const section = cursor.take(cursor.unsigned());
    const content = makeWasmCursor(section);
    const emit = (bytes: Uint8Array) => {
      parts.push(Uint8Array.from([id, ...encodeUnsigned(bytes.length)]), bytes);
    };
    switch (id) {
      case sections.custom:
        // Names, which describe the module before the change.
        break;
      case sections.type:
        parameters = parseVector(content, readParameterCount);
        emit(section);
        break;
      case sections.import:
        if (parseVector(content, readImport).some((kind) => kind !== 'function'))
          throw new RangeError('the module imports more than functions');
        emit(section);
        break;
      case sections.function:
        typeOf = parseVector(content, ({ unsigned }) => unsigned());
        emit(section);
        break;
      case sections.memory:
        emit(limitMemory(content, maxPages));
        break;
      case sections.global:
        globals = content.unsigned();
        emit(appendItem(section, [I32, 1, opcodes.i32Const, 0, opcodes.end]));
        break;
      case sections.export:
        emit(appendItem(section, [...encodeName(BUDGET), 3, ...encodeUnsigned(globals)]));
        break;
      case sections.code:
        emit(
          meterCode(content, { budget: globals, parametersOf: (nth) => parameters[typeOf[nth] ?? -1] ?? 0 }),
        );
        break;
      default:
        emit(section);
    }
  }
  return concat(parts);
}

function parseVector<T>(cursor: WasmCursor, readItem: (cursor: WasmCursor) => T): T[] {
  return Array.from({ length: cursor.unsigned() }, () => readItem(cursor));
}

function readParameterCount(cursor: WasmCursor): number {
  cursor.skip(1);
  const count = cursor.unsigned();
  cursor.skip(count);
  cursor.skip(cursor.unsigned());
  return count;
}

function readImport(cursor: WasmCursor): 'function' | 'other' {
  cursor.skip(cursor.unsigned());
  cursor.skip(cursor.unsigned());
  if (cursor.byte() !== 0) return 'other';
  cursor.skipNumber();
  return 'function';
}

/** Sets the maximum of the one memory. */
function limitMemory(cursor: WasmCursor, maxPages: number): Uint8Array {
  const count = cursor.unsigned();
  cursor.skip(1);
  const pages = cursor.unsigned();
  if (count !== 1 || pages > maxPages)
    throw new RangeError(`the module starts with ${pages} pages of memory`);
  return Uint8Array.from([1, 1, ...encodeUnsigned(pages), ...encodeUnsigned(maxPages)]);
}

/** Appends an item to a vector. */
function appendItem(vector: Uint8Array, item: readonly number[]): Uint8Array {
  const cursor = makeWasmCursor(vector);
  const count = cursor.unsigned();
  return concat([
    Uint8Array.from(encodeUnsigned(count + 1)),
    vector.subarray(cursor.at),
    Uint8Array.from(item),
  ]);
}

function encodeName(name: string): number[] {
  return [...encodeUnsigned(name.length), ...new TextEncoder().encode(name)];
}

interface MeterOptions {
  /** Index of the global. */
  budget: number;
  /** Returns the number of a function's parameters. */
  parametersOf: (nth: number) => number;
}

/** Returns the code that pays for a region or for a bulk copy. */
interface Charges {
  forRegion(instructions: number): Uint8Array;
  /** `local`: a free local of type i32 for the size. */
  forBulk(local: number): Uint8Array;
}

function meterCode(cursor: WasmCursor, { budget, parametersOf }: MeterOptions): Uint8Array {
  const count = cursor.unsigned();
  const parts: Uint8Array[] = [Uint8Array.from(encodeUnsigned(count))];
  const charges = makeCharges(budget);
  for (let nth = 0; nth < count; nth += 1) {
    const body = meterFunction(cursor.take(cursor.unsigned()), charges, parametersOf(nth));
    const length = body.reduce((sum, part) => sum + part.length, 0);
    parts.push(Uint8Array.from(encodeUnsigned(length)), ...body);
  }
  return concat(parts);
}

/** Code that is inserted at an offset of a body. */
interface Insertion {
  at: number;
  code: Uint8Array;
}

/** One function or loop: where its code begins and how many instructions it has, without those of loops in it. */
interface Region {
  at: number;
  instructions: number;
}

/** Returns the parts of the new body. */
function meterFunction(body: Uint8Array, charges: Charges, parameters: number): Uint8Array[] {
  const cursor = makeWasmCursor(body);
  const groups = cursor.unsigned();
  const groupsAt = cursor.at;
  let locals = parameters;
  for (let group = 0; group < groups; group += 1) {
    locals += cursor.unsigned();
    cursor.skip(1);
  }
  const localsEnd = cursor.at;
  const { regions, bulk } = findRegions(cursor, cursor.at);
  const insertions: Insertion[] = [
    ...regions.map(({ at, instructions }) => ({ at, code: charges.forRegion(instructions) })),
    ...bulk.map((at) => ({ at, code: charges.forBulk(locals) })),
  ].toSorted((a, b) => a.at - b.at);

  const parts = [
    Uint8Array.from(encodeUnsigned(groups + 1)),
    body.subarray(groupsAt, localsEnd),
    // The size of bulk copies.
    Uint8Array.from([1, I32]),
  ];
  let copied = localsEnd;
  for (const { at, code } of insertions) {
    parts.push(body.subarray(copied, at), code);
    copied = at;
  }
  parts.push(body.subarray(copied));
  return parts;
}

/** Finds the function's regions, and the offsets of bulk copies and fills, whose size is on top of the stack. */
function findRegions(cursor: WasmCursor, start: number): { regions: Region[]; bulk: number[] } {
  const whole: Region = { at: start, instructions: 1 };
  const regions = [whole];
  const bulk: number[] = [];
  /** The region of each open block, innermost last. */
  const blocks: Region[] = [];
  let region = whole;
  while (!cursor.isAtEnd) {
    const { at } = cursor;
    const opcode = cursor.byte();
    region.instructions += 1;
    if (opcode === opcodes.extended && isBulk(cursor)) bulk.push(at);
    skipOperands(cursor, opcode);
    if (opcode >= 0x02 && opcode <= opcodes.if) blocks.push(region);
    if (opcode === opcodes.loop) regions.push((region = { at: cursor.at, instructions: 1 }));
    // The last `end` is the function's own.
    if (opcode === opcodes.end) region = blocks.pop() ?? whole;
  }
  return { regions, bulk };
}

function isBulk({ peek }: WasmCursor): boolean {
  const code = peek();
  return code === extendedOpcodes.memoryCopy || code === extendedOpcodes.memoryFill;
}

function makeCharges(budget: number): Charges {
  const global = encodeUnsigned(budget);
  const trapIfExceeded = [
    opcodes.globalGet,
    ...global,
    ...constant(0),
    opcodes.i32LessThanSigned,
    opcodes.if,
    NO_VALUE,
    opcodes.unreachable,
    opcodes.end,
  ];
  const charge = (cost: readonly number[]) => [
    opcodes.globalGet,
    ...global,
    ...cost,
    opcodes.i32Subtract,
    opcodes.globalSet,
    ...global,
    ...trapIfExceeded,
  ];
  const byCost = Array.from({ length: MAX_COST + 1 }, (_, cost) => Uint8Array.from(charge(constant(cost))));
  const dearest = Uint8Array.from(charge(constant(MAX_COST)));
  return {
    forRegion: (instructions) => byCost[instructions] ?? dearest,
    forBulk: (local) => {
      const index = encodeUnsigned(local);
      const units = [opcodes.localGet, ...index, ...constant(BULK_SHIFT), opcodes.i32ShiftRightUnsigned];
      return Uint8Array.from([opcodes.localTee, ...index, ...charge(units)]);
    },
  };
}

function constant(value: number): number[] {
  return [opcodes.i32Const, ...encodeSigned(value)];
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
