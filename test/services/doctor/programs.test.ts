import { writeFile } from 'node:fs/promises';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lookAtPrograms, templateFindings, writeBackFinding } from '../../../src/services/doctor/programs.ts';
import { loadPrograms } from '../../../src/programs/file/programs.ts';
import type { Template } from '../../../src/domain/jobs/program.ts';
import { makeProgram, makeTemplate } from '../../support/make.ts';
import { levels } from './upstream.ts';

const using = (uses: string[], needs: string[] = []): Template => ({
  ...makeTemplate(() => ({ ok: true, body: {} })),
  uses,
  needs,
});
const programs = [makeProgram({ create: using(['first_name', 'city'], ['first_name']) })];
const idTypes = ['registered'];

function written(text: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'passbridge-doctor-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'export.csv');
  return writeFile(file, text).then(() => file);
}

describe('templates and an export', () => {
  it('that has all of it', () => {
    expect(levels(templateFindings(programs, ['first_name', 'city']))).toEqual({ templates: 'ok' });
  });

  it('that lacks what a template needs', () => {
    expect(templateFindings(programs, ['city'])).toMatchObject([
      { level: 'warning', message: 'loyalty.create needs what the export has no column for: first_name' },
    ]);
  });

  it('that lacks what a template can do without', () => {
    expect(templateFindings(programs, ['first_name'])).toMatchObject([
      { level: 'info', message: expect.stringContaining('city') },
    ]);
  });

  it('are compared by the columns of the file', async () => {
    const file = await written('registered,first_name,city\nc-1,A,B\n');
    expect(levels(await lookAtPrograms({ programs, file, idTypes }))).toMatchObject({ templates: 'ok' });
    const poor = await written('registered,city\nc-1,B\n');
    expect(levels(await lookAtPrograms({ programs, file: poor, idTypes }))).toMatchObject({
      templates: 'warning',
    });
  });

  it('are not compared where there is none, and where its rows differ', async () => {
    expect(levels(await lookAtPrograms({ programs, file: undefined, idTypes }))).toMatchObject({
      templates: 'info',
    });
    const file = await written('{"registered":"c-1"}\n');
    expect(levels(await lookAtPrograms({ programs, file, idTypes }))).toMatchObject({ templates: 'info' });
  });

  it('that cannot be read', async () => {
    const found = await lookAtPrograms({ programs, file: '/nowhere/export.csv', idTypes });
    expect(found[0]).toMatchObject({
      level: 'error',
      message: expect.stringContaining('/nowhere/export.csv'),
    });
  });

  it('fit in the examples', async () => {
    const all = [...loadPrograms('examples/programs.yaml').values()];
    const found = await lookAtPrograms({ programs: all, file: 'examples/customers.csv', idTypes });
    expect(levels(found)).toMatchObject({ templates: 'ok' });
  });
});

describe('what is written back', () => {
  it('has to be looked up, as far as the export does not show it', () => {
    const found = writeBackFinding(programs, ['passmachine_pass_id']);
    expect(found).toMatchObject({ level: 'info', fix: expect.stringContaining('Data manager') });
    expect(found.message).toMatch(/: passmachine_pass_gendate, blank$/);
  });

  it('is known once the export has all of it', () => {
    expect(writeBackFinding(programs, programs[0]?.writesBack ?? []).level).toBe('ok');
  });

  it('is the names of the section, or the four of the guide', () => {
    const [loyalty] = loadPrograms('examples/programs.yaml').values();
    expect(loyalty?.writesBack).toEqual([
      'passmachine_pass_id',
      'passmachine_pass_link',
      'passmachine_pass_gendate',
      'passmachine_pass_email',
    ]);
  });
});
