import { expect, it } from 'vitest';
import { makeRenderer } from '../../src/programs/jinja/renderer.ts';
import { limitWasmMemory } from '../../src/kit/v8-flags.ts';

it('stops a template that keeps doubling a text before it exhausts the memory of the machine', () => {
  limitWasmMemory();
  const renderer = makeRenderer({ filters: {}, functions: {} });
  const s = 'x'.repeat(1000);
  const render = (source: string) => {
    const compiled = renderer.compile(source);
    return compiled.ok ? compiled.template.render({ s }) : compiled;
  };
  const before = process.memoryUsage().rss;
  const bomb = render("{{ s | replace('x', s) | replace('x', s) | length }}");
  expect(bomb).toMatchObject({ ok: false, fault: { kind: 'limit' } });
  expect(process.memoryUsage().rss - before).toBeLessThan(600e6);
  expect(render('{{ s | length }}')).toEqual({ ok: true, text: '1000' });
});
