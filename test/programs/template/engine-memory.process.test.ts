/** The engine's memory is outside of the garbage-collected heap, so it must be bounded explicitly. */

import { describe, expect, it, vi } from 'vitest';
import type * as EngineModule from '../../../src/programs/engine/engine.ts';

const live = vi.hoisted(() => ({ environments: 0, templates: 0 }));

vi.mock('../../../src/programs/engine/engine.ts', async (importOriginal) => {
  const original = await importOriginal<typeof EngineModule>();
  const openEngine = () => {
    const engine = original.openEngine();
    const { environment } = engine;
    const names = new Set<string>();
    live.environments += 1;
    const add = environment.addTemplate.bind(environment);
    environment.addTemplate = (name, source) => {
      add(name, source);
      if (!names.has(name)) live.templates += 1;
      names.add(name);
    };
    const remove = environment.removeTemplate.bind(environment);
    environment.removeTemplate = (name) => {
      remove(name);
      if (names.delete(name)) live.templates -= 1;
    };
    return engine;
  };
  return { ...original, openEngine };
});

const { compileCondition } = await import('../../../src/programs/template/condition.ts');
const { compileRule } = await import('../../../src/programs/template/edit-rule.ts');
const { compileSection } = await import('../../../src/programs/template/section.ts');
const { makeRenderer } = await import('../../../src/programs/jinja/renderer.ts');
const { makeJob } = await import('../../support/make.ts');

const context = { customer: { points: '7' }, customer_ids: { registered: 'c-1' }, time: 1_800_000_000 };

describe('the memory of the engine', () => {
  it('stays bounded while 2,000 conditions are compiled, and the first one still evaluates', () => {
    const first = compileCondition('{{ customer.points | int > 0 }}');
    for (let nth = 1; nth <= 2000; nth += 1) {
      const compiled = compileCondition(`{{ customer.points | int > ${nth} }}`);
      expect(compiled.ok && compiled.condition.evaluate(context)).toEqual({ ok: true, matches: nth < 7 });
    }
    expect(live.environments).toBe(1);
    // At most 2,000, and the template of syntax checks.
    expect(live.templates).toBeLessThanOrEqual(2001);
    expect(first.ok && first.condition.evaluate(context)).toEqual({ ok: true, matches: true });
  });

  it('stays bounded while the programs file is loaded and edit rules are previewed again and again', () => {
    for (let nth = 0; nth < 1000; nth += 1) {
      const compiled = compileSection('create', {
        a: `{{ customer.points ~ ${nth} }}`,
        b: `{{ time + ${nth} }}`,
      });
      expect(compiled.ok && compiled.template.render(context)).toMatchObject({ body: { a: `7${nth}` } });
      const rule = compileRule({ attribute: 'points', template: `{{ customer.points | int + ${nth} }}` });
      expect(
        rule.ok && rule.edit(makeJob(1, { customer: { ids: {}, attributes: { points: '7' } } }), 1),
      ).toMatchObject({
        job: { customer: { attributes: { points: 7 + nth } } },
      });
    }
    expect(live.environments).toBe(2);
    expect(live.templates).toBeLessThanOrEqual(2 * 2001);
  });

  it('does not grow with templates that are rendered in turn: evicted ones are compiled again', () => {
    const before = live.templates;
    const renderer = makeRenderer({ filters: {}, functions: {} }, { maxTemplates: 3 });
    const templates = Array.from({ length: 10 }, (_, nth) => {
      const compiled = renderer.compile(`${nth}: {{ name }}`);
      if (!compiled.ok) throw new Error(compiled.fault.message);
      return compiled.template;
    });
    for (let round = 0; round < 3; round += 1) {
      for (const [nth, template] of templates.entries()) {
        expect(template.render({ name: 'Jan' })).toEqual({ ok: true, text: `${nth}: Jan` });
      }
    }
    expect(live.templates - before).toBe(3);
  });
});
