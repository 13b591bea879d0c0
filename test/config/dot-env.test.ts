import { parseEnv } from 'node:util';
import { assert, constantFrom, oneof, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dotEnvValue } from '../../src/config/dot-env.ts';
import { envFile } from '../../src/config/environment-docs.ts';

const texts = oneof(
  string({ minLength: 1 }),
  string({ unit: constantFrom('a', ' ', '#', '"', "'", '`', '\\', 'n', '$', '=', '\n'), minLength: 1 }),
);

describe('a value in .env', () => {
  it('is read as it was written, whatever is in it', () => {
    const writable = texts.filter((value) => dotEnvValue(value) !== undefined);
    assert(
      property(writable, (value) => {
        const file = `BEFORE=1\nX=${dotEnvValue(value)}\nAFTER=2\n`;
        expect(parseEnv(file)).toEqual({ BEFORE: '1', X: value, AFTER: '2' });
      }),
      { numRuns: 1000 },
    );
  });

  it.each(['\'"`', "'`\\n"])('cannot be written where every quote means something: %j', (value) => {
    expect(dotEnvValue(value)).toBeUndefined();
  });

  it('stands among the settings, each told what it is for', () => {
    const text = envFile({ PASSMACHINE_ACCOUNT_ID: 'a-1' });
    expect(parseEnv(text)).toEqual({ PASSMACHINE_ACCOUNT_ID: 'a-1' });
    expect(text).toContain('# Your account id at Passmachine.\nPASSMACHINE_ACCOUNT_ID=a-1\n');
    expect(text).toContain('#HOST=127.0.0.1');
  });
});
