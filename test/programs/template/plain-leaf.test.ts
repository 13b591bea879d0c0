/** What is looked up without the engine is what the engine would have said. */

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileLeaf } from '../../../src/programs/template/compiled-leaf.ts';
import { plainLookUp } from '../../../src/programs/template/plain-leaf.ts';
import { makeProgramRenderer } from '../../../src/programs/template/program-renderer.ts';
import type { TemplateContext } from '../../../src/domain/jobs/program.ts';

const renderer = makeProgramRenderer();

function contextOf(customer: TemplateContext['customer']): TemplateContext {
  return { customer, customer_ids: { registered: 'c-1' }, time: 1_763_855_000 };
}

describe('a plain leaf', () => {
  it('is a name of the context and its members, and nothing else', () => {
    const plain = [
      '{{ customer.a }}',
      '{{customer_ids.registered}}',
      '{{- webhook.data.id -}}',
      '{{ time }}',
    ];
    const more = [
      'x{{ time }}',
      '{{ customer }}',
      '{{ customer.a | int }}',
      '{{ customer["a"] }}',
      '{{ 1 }}',
    ];
    expect(plain.filter((source) => plainLookUp(source) === undefined)).toEqual([]);
    const others = [...more, '{{ customer.a() }}', '{{ customer.0 }}', '{{ none }}', '{{ a.b }}', 'time'];
    expect(others.filter((source) => plainLookUp(source) !== undefined)).toEqual([]);
  });

  it('may be nothing instead', () => {
    const source = "{{ customer.a | default('') }}";
    expect(
      [{ a: 'x' }, { a: '' }, { a: null }, {}].map((customer) => plainLookUp(source)?.(contextOf(customer))),
    ).toEqual(['x', '', '', '']);
    expect(plainLookUp("{{ customer.a | default('x') }}")).toBeUndefined();
  });

  it('leaves to the engine what is absent, not a single value, or only inherited', () => {
    const lookUp = plainLookUp('{{ customer.a.constructor }}');
    expect(lookUp?.(contextOf({ a: {} }))).toBeUndefined();
    const direct = plainLookUp('{{ customer.a }}');
    for (const a of [undefined, null, [], {}, 1e20]) {
      expect(direct?.(contextOf({ a }))).toBeUndefined();
    }
    expect(direct?.(contextOf({}))).toBeUndefined();
  });

  it('has the very value that the engine finds, whatever the customer', () => {
    const sources = [
      '{{ customer.a }}',
      '{{ customer.a.b }}',
      '{{ customer.a.length }}',
      '{{ time }}',
      '{{ customer.a | default("") }}',
    ];
    const leaves = sources.map((source, nth) => {
      const compiled = compileLeaf(renderer, `plain ${nth}`, { path: [], source });
      if (!compiled.ok) throw new Error(source);
      return { source, leaf: compiled.leaf };
    });
    const value = fc.oneof(fc.jsonValue(), fc.string({ unit: 'grapheme' }), fc.double(), fc.integer());
    const inner = fc.oneof(value, fc.record({ b: value, length: value }));
    let compared = 0;
    fc.assert(
      fc.property(inner, fc.constantFrom(...leaves), (a, { source, leaf }) => {
        const context = contextOf({ a });
        const found = plainLookUp(source)?.(context);
        if (found === undefined) return;
        compared += 1;
        // JSON, in which it travels on, knows one zero.
        expect(leaf.render(context)).toEqual({ ok: true, value: found === 0 ? 0 : found });
      }),
      { numRuns: 3000 },
    );
    expect(compared).toBeGreaterThan(500);
  });
});
