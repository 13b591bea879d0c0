import { describe, expect, it } from 'vitest';
import { makeMonotonicClock } from '../../src/kit/clock.ts';
import { failure } from '../../src/domain/failures/failure.ts';
import { jwtExpiry, makeFixedToken, makeTokenSource } from '../../src/passmachine/token.ts';

/** An issuer that answers when the test tells it to. */
function makeIssuer() {
  const waiting: ((life: number | 'refuse') => void)[] = [];
  let issued = 0;
  const time = { now: 0 };
  const source = makeTokenSource(
    () =>
      new Promise((resolve) => {
        waiting.push((life) => {
          if (life === 'refuse')
            return resolve({ ok: false, failure: failure('PM_TOKEN_UNAVAILABLE', 'no') });
          issued += 1;
          resolve({ ok: true, token: { value: `t${issued}`, lifeMs: life } });
        });
      }),
    makeMonotonicClock(() => time.now),
  );
  return {
    source,
    time,
    asked: () => waiting.length,
    answer: (life: number | 'refuse') => waiting.at(-1)?.(life),
  };
}

const good = (token: string) => ({ ok: true, token });

describe('a token', () => {
  it('is fetched once for all callers', async () => {
    const { source, asked, answer } = makeIssuer();
    const all = Promise.all(Array.from({ length: 10 }, () => source.current()));
    answer(1000);
    expect(await all).toEqual(Array.from({ length: 10 }, () => good('t1')));
    expect(asked()).toBe(1);
  });

  it('is renewed by one caller before it expires while the others keep using it', async () => {
    const { source, time, asked, answer } = makeIssuer();
    const first = source.current();
    answer(1000);
    await first;
    time.now = 899;
    expect(await source.current()).toEqual(good('t1'));
    expect(asked()).toBe(1);
    time.now = 901;
    const renewing = source.current();
    expect(await source.current()).toEqual(good('t1'));
    expect(asked()).toBe(2);
    answer(1000);
    expect(await renewing).toEqual(good('t2'));
  });

  it('stays in use if an early renewal fails, but not after it expired', async () => {
    const { source, time, answer } = makeIssuer();
    const first = source.current();
    answer(1000);
    await first;
    time.now = 950;
    const early = source.current();
    answer('refuse');
    expect(await early).toEqual(good('t1'));
    time.now = 1000;
    const late = source.current();
    answer('refuse');
    expect(await late).toMatchObject({ ok: false, failure: { code: 'PM_TOKEN_UNAVAILABLE' } });
  });

  it('refused in ten calls is replaced once', async () => {
    const { source, asked, answer } = makeIssuer();
    const first = source.current();
    answer(1000);
    await first;
    const all = Promise.all(Array.from({ length: 10 }, () => source.replace('t1')));
    answer(1000);
    expect(await all).toEqual(Array.from({ length: 10 }, () => good('t2')));
    expect(await source.replace('t1')).toEqual(good('t2'));
    expect(asked()).toBe(2);
  });
});

it('a token is renewed on request although it is still valid', async () => {
  const { source, asked, answer } = makeIssuer();
  const first = source.current();
  answer(1000);
  await first;
  const renewing = Promise.all([source.renew?.(), source.renew?.()]);
  answer(1000);
  expect(await renewing).toEqual([good('t2'), good('t2')]);
  expect(asked()).toBe(2);
});

describe('a configured token', () => {
  const jwt = `e30.${Buffer.from('{"exp":2000}').toString('base64url')}.sig`;

  it('shows its remaining lifetime if it is a JWT', () => {
    expect(jwtExpiry(jwt)).toBe(2_000_000);
    expect(jwtExpiry('opaque')).toBeUndefined();
    expect(jwtExpiry('a.b.c')).toBeUndefined();
    const refused = failure('PM_TOKEN_REJECTED', 'set a new one');
    const source = makeFixedToken(jwt, refused, () => 1_999_000);
    expect(source.timeLeftMs()).toBe(1000);
  });

  it('cannot be replaced', async () => {
    const refused = failure('PM_TOKEN_REJECTED', 'set a new one');
    const source = makeFixedToken('by-hand', refused, () => 0);
    expect(await source.current()).toEqual(good('by-hand'));
    expect(await source.replace('by-hand')).toEqual({ ok: false, failure: refused });
    expect(source.renew).toBeUndefined();
  });
});
