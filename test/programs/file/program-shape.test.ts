import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { cardExamples } from '../../../src/services/programs/card-examples.ts';
import { programsSchema } from '../../../src/programs/file/program-shape.ts';
import { parsePrograms } from '../../../src/programs/file/programs.ts';

const ajv = new Ajv2020({ strict: false, allErrors: true });
const validate = ajv.compile(JSON.parse(programsSchema()) as object);

/** Returns the paths at which the schema finds errors. */
function errorPathsOf(text: string): string[] {
  if (validate(parse(text))) return [];
  return (validate.errors ?? []).map(({ instancePath, params }) => {
    const { additionalProperty: key } = params as { additionalProperty?: string };
    return key === undefined ? instancePath : `${instancePath}/${key}`;
  });
}

function isValid(text: string): boolean {
  try {
    parsePrograms(text, 'programs.yaml', { folder: '/tmp', timeZone: 'UTC' });
    return true;
  } catch {
    return false;
  }
}

const example = readFileSync('examples/programs.yaml', 'utf8');
const [programs = '', schedules = ''] = example.split(/(?=^# schedules:)/m);
/** With its schedule enabled, and sources of every kind. */
const whole = `${programs}${schedules.replaceAll(/^# ?/gm, '')}
sources:
  inbox: { folder: /srv/exports, file: 'gold-*.csv.gz', settle: 5 }
  nightly:
    sftp: { host: a, username: b, hostKey: 'SHA256:${'a'.repeat(43)}', password: $SFTP_PASSWORD }
    file: a.csv
    marker: '{name}.done'
  bucket: { s3: { bucket: b, accessKeyId: $A, secretAccessKey: $B }, file: '*.csv' }
  gold: { bloomreach: { segmentation: '5f8a', segment: 1 } }
`;

describe('the JSON Schema of the programs file', () => {
  it('equals schema/programs.schema.json (written by npm run docs)', () => {
    expect(readFileSync('schema/programs.schema.json', 'utf8')).toBe(programsSchema());
  });

  it('accepts a valid file', () => {
    expect(isValid(whole)).toBe(true);
    expect(errorPathsOf(example)).toEqual([]);
    expect(errorPathsOf(whole)).toEqual([]);
  });

  it.each(cardExamples)('accepts the example of a $kind card', ({ file }) => {
    expect(errorPathsOf(readFileSync(file, 'utf8'))).toEqual([]);
  });

  it.each([
    ['card: loyalty', 'card: loyality', '/programs/loyalty/card'],
    ['"templateVariables"', '"templateVariable"', '/programs/loyalty/create/templateVariable'],
    ['op: replace', 'op: replaces', '/programs/loyalty/update/0/op'],
    ['path: /templateVariables/kpFirstName', 'path: templateVariables', '/programs/loyalty/update/0/path'],
    ['canary: 100', 'canary: 0', '/schedules/nightly-renewal/guards/canary'],
    ['continueAt: 2%', 'continueAt: 2', '/schedules/nightly-renewal/guards/continueAt'],
    ['startWithin: 1h', 'startWithin: 1 hour', '/schedules/nightly-renewal/startWithin'],
    ['overlap: skip', 'overlaps: skip', '/schedules/nightly-renewal/overlaps'],
    ['$SFTP_PASSWORD', 'hunter2', '/sources/nightly/sftp/password'],
    ['segment: 1', 'segment: one', '/sources/gold/bloomreach/segment'],
  ])('refuses %s written as %s, as the parser does', (right, wrong, path) => {
    const text = whole.replace(right, wrong);
    expect(text).not.toBe(whole);
    expect(errorPathsOf(text)).toContain(path);
    expect(isValid(text)).toBe(false);
  });

  it('describes every key', () => {
    const undescribed: string[] = [];
    const visit = (node: unknown, path: string) => {
      if (typeof node !== 'object' || node === null) return;
      for (const [name, member] of Object.entries(node)) {
        if (name === 'properties' && !path.includes('source/anyOf')) {
          for (const [key, about] of Object.entries(member as Record<string, { description?: string }>)) {
            if (about.description === undefined) undescribed.push(`${path}/${key}`);
          }
        }
        visit(member, `${path}/${name}`);
      }
    };
    visit(JSON.parse(programsSchema()), '');
    expect(undescribed).toEqual([]);
  });
});
