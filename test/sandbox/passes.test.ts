import { expect, test } from 'vitest';
import { applyPatch } from '../../src/sandbox/passes.ts';

const document = () => ({ templateVariables: { a: '1', 'x/y': '2' }, list: ['p', 'q'] });

test.each([
  [[{ op: 'replace', path: '/templateVariables/a', value: 'new' }], { a: 'new', 'x/y': '2' }],
  [[{ op: 'replace', path: '/templateVariables/x~1y', value: null }], { a: '1', 'x/y': null }],
  [[{ op: 'add', path: '/templateVariables/b', value: 3 }], { a: '1', 'x/y': '2', b: 3 }],
  [[{ op: 'remove', path: '/templateVariables/a' }], { 'x/y': '2' }],
])('%j changes variables', (patch, variables) => {
  const changed = document();
  expect(applyPatch(changed, patch)).toBeUndefined();
  expect(changed.templateVariables).toEqual(variables);
});

test.each([
  [{ op: 'add', path: '/list/-', value: 'r' }, ['p', 'q', 'r']],
  [{ op: 'add', path: '/list/0', value: 'r' }, ['r', 'p', 'q']],
  [{ op: 'replace', path: '/list/1', value: 'r' }, ['p', 'r']],
  [{ op: 'remove', path: '/list/0' }, ['q']],
])('%j changes an array', (operation, list) => {
  const changed = document();
  expect(applyPatch(changed, [operation])).toBeUndefined();
  expect(changed.list).toEqual(list);
});

test.each([
  [{}, /not a JSON Patch array/],
  [[], /not a JSON Patch array/],
  [['x'], /operation 0: is not an object/],
  [[{ op: 'move', path: '/list', from: '/a' }], /op "move" is not supported/],
  [[{ op: 'replace', path: 'list', value: 1 }], /start with \//],
  [[{ op: 'replace', path: '/templateVariables/a' }], /value is missing/],
  [[{ op: 'replace', path: '/templateVariables/nope', value: 1 }], /\/nope does not exist/],
  [[{ op: 'replace', path: '/templateVariables/toString', value: 1 }], /does not exist/],
  [[{ op: 'remove', path: '/templateVariables/nope' }], /does not exist/],
  [[{ op: 'add', path: '/nope/deep', value: 1 }], /does not exist/],
  [[{ op: 'add', path: '/list/7', value: 1 }], /out of range/],
])('%j is refused', (patch, problem) => {
  expect(applyPatch(document(), patch)).toMatch(problem);
});
