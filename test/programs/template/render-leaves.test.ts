/** A lookup without the engine returns the same value as the engine. */

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileLeaf } from '../../../src/programs/template/leaf.ts';
import { plainLookup } from '../../../src/programs/template/render-leaves.ts';
import { programRenderer } from '../../../src/programs/jinja/dialects.ts';
import type { TemplateContext } from '../../../src/domain/jobs/program.ts';

function contextOf(customer: TemplateContext['customer']): TemplateContext {
  return { customer, customer_ids: { registered: 'c-1' }, time: 1_763_855_000 };
}

describe('the lookup of a plain leaf', () => {
  it('exists only for a reference to the context', () => {
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
    expect(plain.filter((source) => plainLookup(source) === undefined)).toEqual([]);
    const others = [...more, '{{ customer.a() }}', '{{ customer.0 }}', '{{ none }}', '{{ a.b }}', 'time'];
    expect(others.filter((source) => plainLookup(source) !== undefined)).toEqual([]);
  });

  it("supports default('')", () => {
    const source = "{{ customer.a | default('') }}";
    expect(
      [{ a: 'x' }, { a: '' }, { a: null }, {}].map((customer) => plainLookup(source)?.(contextOf(customer))),
    ).toEqual(['x', '', '', '']);
    expect(plainLookup("{{ customer.a | default('x') }}")).toBeUndefined();
  });

  it('leaves absent, composite and inherited values to the engine', () => {
    const lookup = plainLookup('{{ customer.a.constructor }}');
    expect(lookup?.(contextOf({ a: {} }))).toBeUndefined();
    const direct = plainLookup('{{ customer.a }}');
    for (const a of [undefined, null, [], {}, 1e20]) {
      expect(direct?.(contextOf({ a }))).toBeUndefined();
    }
    expect(direct?.(contextOf({}))).toBeUndefined();
  });

  it('returns the same value as the engine for any customer', () => {
    const sources = [
      '{{ customer.a }}',
      '{{ customer.a.b }}',
      '{{ customer.a.length }}',
      '{{ time }}',
      '{{ customer.a | default("") }}',
    ];
    const leaves = sources.map((source) => {
      const compiled = compileLeaf(programRenderer, { path: [], source });
      if (!compiled.ok) throw new Error(source);
      return { source, leaf: compiled.leaf };
    });
    const value = fc.oneof(fc.jsonValue(), fc.string({ unit: 'grapheme' }), fc.double(), fc.integer());
    const inner = fc.oneof(value, fc.record({ b: value, length: value }));
    let compared = 0;
    fc.assert(
      fc.property(inner, fc.constantFrom(...leaves), (a, { source, leaf }) => {
        const context = contextOf({ a });
        const found = plainLookup(source)?.(context);
        if (found === undefined) return;
        compared += 1;
        // JSON has only one zero.
        expect(leaf.render(context)).toEqual({ ok: true, value: found === 0 ? 0 : found });
      }),
      { numRuns: 3000 },
    );
    expect(compared).toBeGreaterThan(500);
  });
});
