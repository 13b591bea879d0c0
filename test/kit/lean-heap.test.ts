import { expect, it } from 'vitest';
import { makeRenderer } from '../../src/programs/jinja/renderer.ts';
import { keepTemplatesLean } from '../../src/kit/lean-heap.ts';

it('keeps a template that doubles a text again and again from taking the memory of the machine', () => {
  keepTemplatesLean();
  const renderer = makeRenderer({ filters: {}, functions: {} });
  renderer.add('bomb', "{{ s | replace('x', s) | replace('x', s) | length }}");
  renderer.add('word', '{{ s | length }}');
  const before = process.memoryUsage().rss;
  const s = 'x'.repeat(1000);
  expect(renderer.render('bomb', { s })).toMatchObject({ ok: false, fault: { kind: 'limit' } });
  expect(process.memoryUsage().rss - before).toBeLessThan(600e6);
  expect(renderer.render('word', { s })).toEqual({ ok: true, text: '1000' });
});
