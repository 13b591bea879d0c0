import { expect, it } from 'vitest';
import { failure } from '../../src/domain/failures/failure.ts';
import { makeMonotonicClock } from '../../src/kit/clock.ts';
import { guardTokens } from '../../src/passmachine/refusal-backoff.ts';
import type { TokenResult } from '../../src/passmachine/token.ts';

function start(answer: () => TokenResult) {
  let now = 0;
  let asked = 0;
  const logged: object[] = [];
  const log = {
    warn: (fields: object) => void logged.push(fields),
    info: (fields: object) => void logged.push(fields),
  };
  const ask = async () => {
    asked += 1;
    return answer();
  };
  const tokens = guardTokens(
    { current: ask, replace: ask, renew: ask, timeLeftMs: () => undefined },
    { clock: () => now, monotonic: makeMonotonicClock(() => now), log },
  );
  return { tokens, logged, asked: () => asked, pass: (ms: number) => (now += ms) };
}

const rejected = { ok: false as const, failure: failure('PM_TOKEN_REJECTED', 'authenticate answered 401') };

it('asks at most a dozen times in ten minutes while the credentials are refused, and warns once', async () => {
  const { tokens, logged, asked, pass } = start(() => rejected);
  for (let n = 0; n < 6000; n += 1) {
    expect(await tokens.current()).toMatchObject({ ok: false, failure: { code: 'PM_TOKEN_REJECTED' } });
    pass(100);
  }
  // 1, 2, 4, … 32 s apart, then every minute.
  expect(asked()).toBeLessThanOrEqual(17);
  expect(logged).toEqual([{ event: 'token.refused', code: 'PM_TOKEN_REJECTED' }]);
});

it('tells each call how long to wait', async () => {
  const { tokens } = start(() => rejected);
  expect(await tokens.current()).toMatchObject({ failure: { retryAfterMs: 1000 } });
  expect(await tokens.current()).toMatchObject({ failure: { retryAfterMs: 1000 } });
});

it('continues as soon as the credentials are accepted', async () => {
  let works = false;
  const { tokens, logged, pass } = start(() => (works ? { ok: true, token: 't' } : rejected));
  await tokens.current();
  works = true;
  expect(await tokens.current()).toMatchObject({ ok: false });
  pass(1000);
  expect(await tokens.current()).toEqual({ ok: true, token: 't' });
  tokens.accepted();
  expect(await tokens.current()).toEqual({ ok: true, token: 't' });
  expect(tokens.refusal()).toBeUndefined();
  expect(logged).toHaveLength(2);
});

it('lets a single call try a token that was refused', async () => {
  const { tokens, pass } = start(() => ({ ok: true, token: 't' }));
  const why = failure('PM_UNAUTHORIZED', 'wrong account', { status: 401 });
  // Ten calls in flight are refused together.
  for (let n = 0; n < 10; n += 1) tokens.refused(why);
  expect(await tokens.current()).toMatchObject({
    ok: false,
    failure: { code: 'PM_UNAUTHORIZED', retryAfterMs: 1000 },
  });
  pass(1000);
  const tries = await Promise.all(Array.from({ length: 10 }, () => tokens.current()));
  expect(tries.filter(({ ok }) => ok)).toHaveLength(1);
});
