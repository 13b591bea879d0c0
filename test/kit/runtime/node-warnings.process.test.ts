import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

function built(name: string): string {
  return JSON.stringify(resolve('dist/kit', name));
}

/** Runs a program that captures warnings, warns, and opens a log afterwards. Returns the lines of stderr. */
function linesOf(end: string): Record<string, unknown>[] {
  const program = `
    const { captureNodeWarnings } = await import(${built('runtime/node-warnings.js')});
    const logTo = captureNodeWarnings();
    process.emitWarning('too early', { code: 'EARLY' });
    const { makeLogger } = await import(${built('logger.js')});
    logTo(makeLogger('info'));
    process.emitWarning('later', 'DeprecationWarning', 'DEP0001');
    await new Promise(setImmediate);
    ${end}`;
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
  });
  return stderr
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

it('logs warnings of Node, those from before the log included, and prints none', () => {
  expect(linesOf('')).toEqual([
    expect.objectContaining({ level: 'warn', event: 'node.warning', msg: 'too early', code: 'EARLY' }),
    expect.objectContaining({ level: 'warn', event: 'node.warning', msg: 'later', code: 'DEP0001' }),
  ]);
});

it('logs the exception that ends the process', () => {
  expect(linesOf("throw new Error('a bug');").at(-1)).toMatchObject({
    level: 'fatal',
    event: 'process.crashed',
    err: { message: 'a bug' },
  });
});
