import { describe, expect, it } from 'vitest';
import { makeMonotonicClock } from '../../../src/kit/clock.ts';
import { hashPassword } from '../../../src/kit/password-hash.ts';
import { makePasswordCheck } from '../../../src/web/auth/passwords.ts';
import { cheapHash } from './cheap-hash.ts';

const PASSWORD = 'correct horse battery';

function makeCheck(hash = cheapHash(PASSWORD)) {
  const clock = { now: 0 };
  const known = new Map([['iva', hash]]);
  const check = makePasswordCheck(
    {
      find(name) {
        const passwordHash = known.get(name);
        return passwordHash === undefined
          ? undefined
          : { name, role: 'operator', passwordHash, stamp: passwordHash };
      },
      anyPasswordHash: () => hash,
    },
    makeMonotonicClock(() => clock.now),
  );
  const timed = async (name: string, password: string) => {
    const startedAt = performance.now();
    const { kind } = await check(name, password, '10.0.0.1');
    return { kind, ms: performance.now() - startedAt };
  };
  return { check, clock, known, timed };
}

describe('guessing', () => {
  it('is limited also if all guesses come at once', async () => {
    const { check } = makeCheck();
    const guesses = Array.from({ length: 60 }, (_, n) => check('iva', `guess ${n}`, `10.0.0.${n}`));
    // The correct password is refused too, because the name is already blocked.
    guesses.push(check('iva', PASSWORD, '10.0.1.1'));
    const kinds = (await Promise.all(guesses)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'wrong')).toHaveLength(20);
    expect(kinds.filter((kind) => kind === 'too-often')).toHaveLength(41);
  });

  it('is counted per address too, and allowed again after a minute', async () => {
    const { check, clock, known } = makeCheck();
    for (let n = 0; n < 21; n += 1) known.set(`name ${n}`, cheapHash('any other'));
    for (let n = 0; n < 21; n += 1) await check(`name ${n}`, 'any', '10.0.0.1');
    expect(await check('iva', PASSWORD, '10.0.0.1')).toMatchObject({ kind: 'too-often' });
    expect(await check('iva', PASSWORD, '10.0.0.2')).toMatchObject({ kind: 'right' });
    expect(await check('iva', PASSWORD, '10.0.0.1')).toMatchObject({ kind: 'too-often' });
    clock.now += 60_000;
    expect(await check('iva', PASSWORD, '10.0.0.1')).toMatchObject({ kind: 'right' });
  });
});

describe('checking', () => {
  it('takes equally long for a name that does not exist', async () => {
    const { timed } = makeCheck(await hashPassword(PASSWORD));
    await timed('iva', 'warming up');
    const wrong = await timed('iva', 'wrong');
    const missing = await timed('unknown', 'wrong');
    expect([wrong.kind, missing.kind]).toEqual(['wrong', 'wrong']);
    // Without a dummy hash it would take a thousandth of the time.
    expect(missing.ms).toBeGreaterThan(wrong.ms / 4);
  });

  it('hashes a correct password once a minute, also for concurrent requests', async () => {
    const { check, clock, known, timed } = makeCheck(await hashPassword(PASSWORD));
    await timed('iva', 'warming up');
    const { ms: once } = await timed('iva', PASSWORD);
    clock.now += 60_000;
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: 12 }, () => check('iva', PASSWORD, '10.0.0.1')));
    expect(performance.now() - startedAt).toBeLessThan(once * 6);
    expect((await timed('iva', PASSWORD)).ms).toBeLessThan(once / 5);
    known.set('iva', cheapHash('another horse battery'));
    expect(await timed('iva', PASSWORD)).toMatchObject({ kind: 'wrong' });
    known.delete('iva');
    expect(await timed('iva', PASSWORD)).toMatchObject({ kind: 'wrong' });
  });
});
