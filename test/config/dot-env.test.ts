import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { assert, constantFrom, oneof, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutValues, dotEnvValue, envExample, envFile } from '../../src/config/dot-env.ts';
import { settings } from '../../src/config/environment.ts';

const texts = oneof(
  string({ minLength: 1 }),
  string({ unit: constantFrom('a', ' ', '#', '"', "'", '`', '\\', 'n', '$', '=', '\n'), minLength: 1 }),
);

describe('dotEnvValue', () => {
  it('returns text that Node parses to the same value', () => {
    const writable = texts.filter((value) => dotEnvValue(value) !== undefined);
    assert(
      property(writable, (value) => {
        const file = `BEFORE=1\nX=${dotEnvValue(value)}\nAFTER=2\n`;
        expect(parseEnv(file)).toEqual({ BEFORE: '1', X: value, AFTER: '2' });
      }),
      { numRuns: 1000 },
    );
  });

  it.each(['\'"`', "'`\\n"])('returns undefined if every quote has a meaning: %j', (value) => {
    expect(dotEnvValue(value)).toBeUndefined();
  });
});

describe('cutValues', () => {
  it('finds the value that ends at a # inside of it, with its line', () => {
    const text = 'PORT=3000\r\n\nexport PASSMACHINE_SECRET_TOKEN = ab#cd\n';
    expect(parseEnv(text)['PASSMACHINE_SECRET_TOKEN']).toBe('ab');
    expect(cutValues(text, {})).toEqual([
      expect.stringMatching(/^PASSMACHINE_SECRET_TOKEN ends at the # in line 3 of \.env\. Put .+ in quotes/),
    ]);
  });

  it('leaves a line alone that a variable of the process overrides', () => {
    const text = 'PASSMACHINE_SECRET_TOKEN=ab#cd';
    expect(cutValues(text, { PASSMACHINE_SECRET_TOKEN: 'ab#cd' })).toEqual([]);
  });

  it.each([
    'PASSMACHINE_SECRET_TOKEN="ab#cd"',
    "PASSMACHINE_SECRET_TOKEN='ab#cd' # quoted",
    'PASSMACHINE_SECRET_TOKEN=ab # a comment',
    'PASSMACHINE_SECRET_TOKEN= # a comment',
    '# PASSMACHINE_SECRET_TOKEN=ab#cd',
    'OF_ANOTHER_PROGRAM=ab#cd',
    ...envExample().split('\n'),
  ])('accepts %j', (line) => {
    expect(cutValues(line, {})).toEqual([]);
  });
});

describe('envFile', () => {
  it('writes the given values, and all other settings commented out with their defaults', () => {
    const text = envFile({ PASSMACHINE_ACCOUNT_ID: 'a-1' });
    expect(parseEnv(text)).toEqual({ PASSMACHINE_ACCOUNT_ID: 'a-1' });
    expect(text).toContain('# Your account id at Passmachine.\nPASSMACHINE_ACCOUNT_ID=a-1\n');
    expect(text).toContain('#HOST=127.0.0.1');
  });
});

describe('.env.example', () => {
  it('is up to date (npm run docs)', () => {
    expect(readFileSync('.env.example', 'utf8')).toBe(envExample());
  });

  it('lists every setting', () => {
    for (const name of Object.keys(settings)) expect(envExample()).toContain(`\n#${name}=`);
  });
});
