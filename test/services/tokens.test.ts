import { describe, expect, it } from 'vitest';
import { warnOfTokenEnd } from '../../src/services/tokens.ts';
import { failure } from '../../src/domain/failures/failure.ts';
import { makeLogger } from '../../src/kit/logger.ts';
import { makeFixedToken } from '../../src/passmachine/token.ts';

const HOUR_S = 3600;

/** A token by hand that ends at this many unix seconds. */
function jwt(exp: number): string {
  return `e30.${Buffer.from(JSON.stringify({ exp })).toString('base64url')}.sig`;
}

describe('a token set by hand', () => {
  it.each([
    ['that has two hours left', 2 * HOUR_S, ['120']],
    ['that has two days left', 48 * HOUR_S, []],
  ])('%s is warned of: %s s', async (_what, left, minutes) => {
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
    const part = warnOfTokenEnd(config, tokens, log);
    await part.stop();
    expect(lines.map((line) => /"minutesLeft":(\d+)/.exec(line)?.[1])).toEqual(minutes);
    expect(lines.join()).not.toContain(token);
  });
});
