import { describe, expect, it } from 'vitest';
import { openEngine } from '../../../src/programs/engine/engine.ts';
import { BUDGET, meterModule } from '../../../src/programs/engine/metered-module.ts';

const sized = (content: number[]) => [content.length, ...content];
const section = (id: number, content: number[]) => [id, ...sized(content)];
const exported = (name: string, index: number) => [...sized([...Buffer.from(name)]), 0, index];

const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** A module whose functions would run for ever, fill memory and take more of it. */
const MODULE = Uint8Array.from([
  ...HEADER,
  // () → (), (i32) → (), (i32) → i32
  ...section(1, [3, 0x60, 0, 0, 0x60, 1, 0x7f, 0, 0x60, 1, 0x7f, 1, 0x7f]),
  ...section(3, [3, 0, 1, 2]),
  ...section(5, [1, 0, 1]),
  ...section(6, [1, 0x7f, 1, 0x41, 0, 0x0b]),
  ...section(7, [3, ...exported('spin', 0), ...exported('fill', 1), ...exported('grow', 2)]),
  ...section(10, [
    3,
    // loop (br 0)
    ...sized([0, 0x03, 0x40, 0x0c, 0, 0x0b, 0x0b]),
    // memory.fill 0 0 n
    ...sized([0, 0x41, 0, 0x41, 0, 0x20, 0, 0xfc, 11, 0, 0x0b]),
    // memory.grow n
    ...sized([0, 0x20, 0, 0x40, 0, 0x0b]),
  ]),
]);

interface Exports {
  spin(): void;
  fill(bytes: number): void;
  /** Returns the pages before, or -1. */
  grow(pages: number): number;
  [BUDGET]: WebAssembly.Global<'i32'>;
}

function meteredInstance(): Exports {
  const module = new WebAssembly.Module(meterModule(MODULE, 3));
  return new WebAssembly.Instance(module).exports as unknown as Exports;
}

describe('a metered module', () => {
  it('traps in an endless loop as soon as its budget is used up', () => {
    const wasm = meteredInstance();
    wasm[BUDGET].value = 10_000;
    expect(() => wasm.spin()).toThrow(WebAssembly.RuntimeError);
    expect(wasm[BUDGET].value).toBeLessThan(0);
  });

  it('pays for the size of bulk instructions', () => {
    const wasm = meteredInstance();
    wasm[BUDGET].value = 1000;
    wasm.fill(1600);
    expect(wasm[BUDGET].value).toBeGreaterThan(850);
    expect(wasm[BUDGET].value).toBeLessThanOrEqual(900);
    expect(() => wasm.fill(65_536)).toThrow(WebAssembly.RuntimeError);
  });

  it('gets no more memory than allowed', () => {
    const wasm = meteredInstance();
    wasm[BUDGET].value = 1000;
    expect([wasm.grow(2), wasm.grow(1)]).toEqual([1, -1]);
  });

  it('is refused if it holds an instruction that is not known', () => {
    const unknown = Uint8Array.from(MODULE);
    unknown[unknown.lastIndexOf(0x40)] = 0xfd;
    expect(() => meterModule(unknown, 3)).toThrow('unknown instruction 0xfd');
  });
});

describe('an engine', () => {
  it('is independent of one that has trapped', () => {
    const [broken, other] = [openEngine(), openEngine()];
    for (const { environment } of [broken, other]) environment.addTemplate('t', '{{ "a" * n }}');
    expect(() => broken.environment.renderTemplate('t', { n: 3_000_000_000 })).toThrow(
      WebAssembly.RuntimeError,
    );
    other.budget = 1_000_000;
    expect(other.environment.renderTemplate('t', { n: 2 })).toBe('aa');
  });

  it('pays for a render, about as much each time', () => {
    const engine = openEngine();
    engine.environment.addTemplate('t', '{{ name|upper }}');
    const costs = [1, 2, 3].map(() => {
      engine.budget = 1_000_000;
      engine.environment.renderTemplate('t', { name: 'Jan' });
      return 1_000_000 - engine.budget;
    });
    expect(Math.min(...costs)).toBeGreaterThan(1000);
    expect(Math.max(...costs)).toBeLessThan(1.2 * Math.min(...costs));
  });
});
