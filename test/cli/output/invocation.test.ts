import { expect, it } from 'vitest';
import { invocation } from '../../../src/cli/output/invocation.ts';

it.each([
  ['the installed command', {}, '/usr/local/bin/passbridge', 'passbridge'],
  ['npm run or npx', { npm_execpath: '/usr/lib/npm-cli.js' }, '/repo/dist/main.js', 'npx passbridge'],
  ['the path of the script', {}, '/repo/dist/main.js', 'node /repo/dist/main.js'],
  ['a path that a shell would split', {}, "/my repo's/main.js", "node '/my repo'\\''s/main.js'"],
])('calls the same program as %s', (_how, env, script, expected) => {
  expect(invocation({ env, argv: ['/usr/bin/node', script, 'demo'] })).toBe(expected);
});
