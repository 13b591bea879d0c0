import { expect, it } from 'vitest';
import { makeMonotonicClock } from '../../../src/kit/clock.ts';
import { programRenderer } from '../../../src/programs/jinja/dialects.ts';
import { makeEngineCheck } from '../../../src/programs/jinja/engine-check.ts';

it('finds a working engine in order, also right after a template that needs too much', () => {
  const check = makeEngineCheck();
  expect(check()).toBeUndefined();
  const compiled = programRenderer.compile("{{ 'a' * 3000000000 }}");
  expect(compiled.ok && compiled.template.render(new Map())).toMatchObject({ fault: { kind: 'limit' } });
  expect(makeEngineCheck()()).toBeUndefined();
});

it('reports an engine that cannot be opened, once a second at most', () => {
  let now = 0;
  let opened = 0;
  const compile = () => {
    opened += 1;
    throw new RangeError('could not allocate memory');
  };
  const check = makeEngineCheck({
    renderer: { ...programRenderer, compile },
    clock: makeMonotonicClock(() => now),
  });
  const problem = 'Templates cannot be rendered: could not allocate memory';
  expect([check(), check()]).toEqual([problem, problem]);
  expect(opened).toBe(1);
  now += 1001;
  check();
  expect(opened).toBe(2);
});
