import { expect, it } from 'vitest';
import { makeLogger } from '../../src/kit/logger.ts';
import { openRedis } from '../support/redis.ts';

function open() {
  const lines: string[] = [];
  return { lines, log: makeLogger('info', { write: (line) => void lines.push(line) }) };
}

it('a refusal of Redis is logged without the command that was refused', async () => {
  const { lines, log } = open();
  const refused = await openRedis()
    .call('hset', 'one-field-too-few', 'anna@example.com')
    .catch((error: unknown) => error);
  log.error({ event: 'x', err: refused });
  expect(lines[0]).toContain('wrong number of arguments');
  expect(lines[0]).not.toContain('anna@example.com');
});

it('an error keeps its name, its code, its place and its cause', () => {
  const { lines, log } = open();
  const cause = Object.assign(new TypeError('below'), { code: 'ECONNRESET' });
  log.error({ err: Object.assign(new Error('above', { cause }), { code: 'EPIPE', customer: 'anna' }) });
  const { err } = JSON.parse(lines[0] ?? '') as { err: Record<string, string> };
  expect(Object.keys(err)).toEqual(['type', 'message', 'stack', 'code']);
  expect(err).toMatchObject({ type: 'Error', message: 'above: below', code: 'EPIPE' });
  expect(err['stack']).toMatch(/logger\.test[\s\S]+caused by: TypeError: below/);
});
