import { describe, expect, it } from 'vitest';
import { makeMonotonicClock } from '../../../src/kit/clock.ts';
import { hashPassword } from '../../../src/kit/password-hash.ts';
import { makePasswordCheck, type RecordRefusal } from '../../../src/web/auth/passwords.ts';
import { cheapHash } from './cheap-hash.ts';

const PASSWORD = 'correct horse battery';

function makeCheck(hash = cheapHash(PASSWORD)) {
  const clock = { now: 0 };
  const known = new Map([['iva', hash]]);
  const refused: Parameters<RecordRefusal>[0][] = [];
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
    (refusal) => void refused.push(refusal),
  );
  const timed = async (name: string, password: string) => {
    const startedAt = performance.now();
    const { kind } = await check(name, password, '10.0.0.1');
    return { kind, ms: performance.now() - startedAt };
  };
  return { check, refused, clock, known, timed };
}

describe('guessing', () => {
  it('is limited also if all guesses come at once', async () => {
    const { check, refused } = makeCheck();
    const guess = async (n: number) => (await check('iva', `guess ${n}`, `10.0.0.${n}`)).kind;
    const kinds = await Promise.all(Array.from({ length: 60 }, (_, n) => guess(n)));
    // One is checked and sixteen wait; the others are refused at once.
    expect(kinds.filter((kind) => kind === 'wrong')).toHaveLength(17);
    expect(kinds.filter((kind) => kind === 'busy')).toHaveLength(43);
    expect(refused).toHaveLength(60);
    const later: string[] = [];
    for (let n = 100; n < 110; n += 1) later.push(await guess(n));
    expect(later).toEqual(['wrong', 'wrong', 'wrong', ...Array.from({ length: 7 }, () => 'too-often')]);
    // The correct password is refused too, because the name is already blocked.
    expect(await check('iva', PASSWORD, '10.0.1.1')).toMatchObject({ kind: 'too-often' });
  });

  it('makes no sign-in wait for more than a few guesses, and blocks no one who signs in regularly', async () => {
    const { check, clock } = makeCheck();
    expect(await check('iva', PASSWORD, '10.9.0.1')).toMatchObject({ kind: 'right' });
    // The cache forgets the password.
    clock.now += 60_000;
    const ended: string[] = [];
    // From 8 addresses, 15 each.
    const guesses = Array.from({ length: 120 }, async (_, n) => {
      const { kind } = await check(`name ${n}`, 'guess', `10.0.0.${n % 8}`);
      ended.push(kind);
    });
    const signIn = check('iva', PASSWORD, '10.9.0.1').then(({ kind }) => void ended.push(kind));
    await Promise.all([...guesses, signIn]);
    const before = ended.slice(0, ended.indexOf('right'));
    expect(before.filter((kind) => kind === 'wrong').length).toBeLessThanOrEqual(1);
    for (let n = 0; n < 30; n += 1) await check('iva', `later ${n}`, `10.1.${n}.1`);
    expect(await check('iva', PASSWORD, '10.2.0.1')).toMatchObject({ kind: 'too-often' });
    expect(await check('iva', PASSWORD, '10.9.0.1')).toMatchObject({ kind: 'right' });
  });

  it('is counted per /64 network of IPv6', async () => {
    const { check } = makeCheck();
    let last = 'wrong';
    for (let n = 0; n < 25 && last === 'wrong'; n += 1) {
      last = (await check(`name ${n}`, 'any', `2001:db8:1:2:${n}::1`)).kind;
    }
    expect(last).toBe('too-often');
    expect(await check('iva', PASSWORD, '2001:db8:1:2::99')).toMatchObject({ kind: 'too-often' });
    expect(await check('iva', PASSWORD, '2001:db8:1:3::99')).toMatchObject({ kind: 'right' });
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
