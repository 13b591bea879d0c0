import { expect, it } from 'vitest';
import { makeLogger } from '../../src/kit/logger.ts';
import { openRedis } from '../support/redis.ts';

function openLog() {
  const lines: string[] = [];
  return { lines, log: makeLogger('info', { write: (line) => void lines.push(line) }) };
}

it('logs a Redis reply error without the rejected command', async () => {
  const { lines, log } = openLog();
  const replyError = await openRedis()
    .call('hset', 'one-field-too-few', 'anna@example.com')
    .catch((error: unknown) => error);
  log.error({ event: 'x', err: replyError });
  expect(lines[0]).toContain('wrong number of arguments');
  expect(lines[0]).not.toContain('anna@example.com');
});

it('logs the name, code, stack and cause of an error', () => {
  const { lines, log } = openLog();
  const cause = Object.assign(new TypeError('inner'), { code: 'ECONNRESET' });
  log.error({ err: Object.assign(new Error('outer', { cause }), { code: 'EPIPE', customer: 'anna' }) });
  const { err } = JSON.parse(lines[0] ?? '') as { err: Record<string, string> };
  expect(Object.keys(err)).toEqual(['type', 'message', 'stack', 'code']);
  expect(err).toMatchObject({ type: 'Error', message: 'outer: inner', code: 'EPIPE' });
  expect(err['stack']).toMatch(/logger\.redis\.test[\s\S]+caused by: TypeError: inner/);
});
