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

describe('what an export has to bring along', () => {
  it('names the customer by the configured ids', () => {
    expect(wantedColumns(program, 'notify', { idTypes }).ids).toEqual(idTypes);
  });

  it('fills the body, tells who has a card, and what is written back', () => {
    expect(wanted('issue')).toEqual(['email', 'first_name', 'passmachine_pass_id', 'shop']);
    expect(wanted('reissue')).toEqual(wanted('issue'));
  });

  it('is no more than the PATCH needs, where no card is made', () => {
    expect(wanted('update')).toEqual(['passmachine_pass_id', 'points']);
    expect(wanted('notify')).toEqual(['language', 'passmachine_pass_id']);
  });

  it('tells whether anything changed, which the create body does', () => {
    expect(wanted('update', { changedOnly: true })).toEqual([
      'email',
      'first_name',
      'passmachine_pass_hash',
      'passmachine_pass_id',
      'points',
    ]);
  });

  it('tells the time zone where quiet hours ask for it', () => {
    const quietHours = { from: 0, to: 1, zone: 'UTC', inThem: 'hold' };
    expect(wanted('notify', { quietHours })).toEqual(['language', 'passmachine_pass_id']);
    expect(wanted('notify', { quietHours: { ...quietHours, zoneAttribute: 'zone' } })).toContain('zone');
  });

  it('does not ask for an id as an attribute, which would be a column twice', () => {
    const byId = makeProgram({ create: using('registered', 'first_name') });
    expect(wantedColumns(byId, 'issue', { idTypes }).attributes).not.toContain('registered');
  });

  it('holds for the programs that come with passbridge', () => {
    const loyalty = loadPrograms('examples/programs.yaml').get('loyalty')!;
    const { attributes } = wantedColumns(loyalty, 'issue', { idTypes });
    expect(attributes).toEqual(expect.arrayContaining([...loyalty.create.needs, 'passmachine_pass_id']));
  });
});
