import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFindProgram } from '../../../src/services/programs/find-program.ts';
import { parsePrograms, type Programs } from '../../../src/programs/file/programs.ts';
import type { Json } from '../../../src/domain/jobs/program.ts';
import { makeLedgerKeys } from '../../../src/ledger/keys.ts';
import { makeProgramVersions } from '../../../src/ledger/campaigns/program-versions.ts';
import { openRedis, testPrefix } from '../../support/redis.ts';

function programsWith(greeting: string): Programs {
  const text = `programs:
  loyalty:
    card: loyalty
    templateId: t
    create: { templateVariables: { greeting: "${greeting} {{ customer.first_name }}" }, metadata: { n: 1 } }
    notify: [{ op: replace, path: /templateVariables/text, value: "{{ text }}" }, { op: remove, path: /a }]
`;
  return parsePrograms(text, 'programs.yaml', { folder: dirname('.'), timeZone: 'UTC' }).programs;
}

function setUp() {
  const redis = openRedis();
  const keys = makeLedgerKeys(testPrefix());
  const programVersions = makeProgramVersions(redis, keys, Date.now);
  const file = { programs: programsWith('Hello') };
  return { redis, keys, programVersions, file, find: makeFindProgram(file, { programVersions }) };
}

const context = { customer: { first_name: 'Jan' }, customer_ids: {}, time: 1, text: 'Now' };

describe('finding a program', () => {
  it('returns the current program, and stored versions of it', async () => {
    const { file, find, programVersions } = setUp();
    const before = file.programs.get('loyalty')!;
    await programVersions.save(before);
    file.programs = programsWith('Ahoj');
    const now = file.programs.get('loyalty')!;
    expect(await find('loyalty')).toBe(now);
    expect(await find('loyalty', now.version)).toBe(now);
    const found = await find('loyalty', before.version);
    expect(found).toMatchObject({ name: 'loyalty', card: 'loyalty', version: before.version });
    for (const section of ['create', 'notify', 'update', 'attributes'] as const) {
      const webhook: Json = { data: { id: 'p', ro: { microsite: { url: 'u' } } } };
      const rendered = { ...context, webhook };
      expect(found?.[section]?.render(rendered)).toEqual(before[section]?.render(rendered));
    }
    expect(await find('loyalty', before.version)).toBe(found);
  });

  it('returns a stored version of a program that is no longer in the file', async () => {
    const { file, find, programVersions } = setUp();
    const before = file.programs.get('loyalty')!;
    await programVersions.save(before);
    file.programs = new Map();
    expect(await find('loyalty')).toBeUndefined();
    expect((await find('loyalty', before.version))?.templateId).toBe('t');
  });

  it('returns undefined for a version that is not stored or that another release wrote', async () => {
    const { redis, keys, find } = setUp();
    expect(await find('loyalty', 'never')).toBeUndefined();
    await redis.set(keys.program('later'), JSON.stringify({ card: 'loyalty', create: { somethingNew: 1 } }));
    expect(await find('loyalty', 'later')).toBeUndefined();
  });
});
