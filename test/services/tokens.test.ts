import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startTokenExpiryWarning } from '../../src/services/tokens.ts';
import { failure } from '../../src/domain/failures/failure.ts';
import { makeLogger } from '../../src/kit/logger.ts';
import { makeFixedToken } from '../../src/passmachine/token.ts';

const HOUR_S = 3600;

/** Makes a token that expires at this time, in unix seconds. */
function jwt(exp: number): string {
  return `e30.${Buffer.from(JSON.stringify({ exp })).toString('base64url')}.sig`;
}

describe('startTokenExpiryWarning', () => {
  it.each([
    ['with two hours left', 2 * HOUR_S, ['120']],
    ['with two days left', 48 * HOUR_S, []],
  ])('logs the minutes left of a token %s', async (_case, left, minutes) => {
    const lines: string[] = [];
    const log = makeLogger('warn', { write: (line) => void lines.push(line) });
    const token = jwt(1000 + left);
    const tokens = makeFixedToken(token, failure('PM_TOKEN_REJECTED', ''), () => 1_000_000);
    const config = {
      url: 'http://127.0.0.1',
      account: { id: 'a', credentials: { kind: 'token' as const, token } },
      tokenLifeMs: 1,
      maxInFlight: 10,
      maxPerSecond: undefined,
      timeoutMs: 1,
    };
    const part = startTokenExpiryWarning(config, tokens, log);
    await setImmediate();
    await part.stop();
    expect(lines.map((line) => /"minutesLeft":(\d+)/.exec(line)?.[1])).toEqual(minutes);
    expect(lines.join()).not.toContain(token);
  });
});
