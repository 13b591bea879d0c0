import { describe, expect, it } from 'vitest';
import { wantedColumns } from '../../src/campaign/wanted-columns.ts';
import { loadPrograms } from '../../src/programs/file/programs.ts';
import type { Template } from '../../src/domain/jobs/program.ts';
import { makeProgram, makeTemplate } from '../support/make.ts';

const using = (...uses: string[]): Template => ({
  ...makeTemplate(() => ({ ok: true, body: {} })),
  uses,
});

const program = makeProgram({
  create: using('first_name', 'email'),
  update: using('points'),
  notify: using('language'),
  attributes: using('email', 'shop'),
});
const idTypes = ['registered', 'email_id'];
const wanted = (...[action, guards]: [Parameters<typeof wantedColumns>[1], object?]) =>
  wantedColumns(program, action, { idTypes, guards }).attributes.toSorted();

describe('the columns that an export must have', () => {
  it('include the configured id types', () => {
    expect(wantedColumns(program, 'notify', { idTypes }).ids).toEqual(idTypes);
  });

  it('include the attributes of the create body, of the write-back and the pass id', () => {
    expect(wanted('issue')).toEqual(['email', 'first_name', 'passmachine_pass_id', 'shop']);
    expect(wanted('reissue')).toEqual(wanted('issue'));
  });

  it('are only those that the PATCH needs if no card is made', () => {
    expect(wanted('update')).toEqual(['passmachine_pass_id', 'points']);
    expect(wanted('notify')).toEqual(['language', 'passmachine_pass_id']);
  });

  it('include the create body and the hash if only changes are sent', () => {
    expect(wanted('update', { changedOnly: true })).toEqual([
      'email',
      'first_name',
      'passmachine_pass_hash',
      'passmachine_pass_id',
      'points',
    ]);
  });

  it('include the time zone attribute of the quiet hours', () => {
    const quietHours = { from: 0, to: 1, zone: 'UTC', policy: 'hold' };
    expect(wanted('notify', { quietHours })).toEqual(['language', 'passmachine_pass_id']);
    expect(wanted('notify', { quietHours: { ...quietHours, zoneAttribute: 'zone' } })).toContain('zone');
  });

  it('list an id type that a template uses once, as an id', () => {
    const byId = makeProgram({ create: using('registered', 'first_name') });
    expect(wantedColumns(byId, 'issue', { idTypes }).attributes).not.toContain('registered');
  });

  it('cover the needs of the example programs', () => {
    const loyalty = loadPrograms('examples/programs.yaml').get('loyalty')!;
    const { attributes } = wantedColumns(loyalty, 'issue', { idTypes });
    expect(attributes).toEqual(expect.arrayContaining([...loyalty.create.needs, 'passmachine_pass_id']));
  });
});
