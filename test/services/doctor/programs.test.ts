import { writeFile } from 'node:fs/promises';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { secretsOf } from '../../../src/services/doctor/doctor.ts';
import {
  checkPrograms,
  programsFileFindings,
  templateFindings,
  writeBackFinding,
} from '../../../src/services/doctor/programs.ts';
import { loadPrograms } from '../../../src/programs/file/programs.ts';
import type { Template } from '../../../src/domain/jobs/program.ts';
import { makeProgram, makeTemplate } from '../../support/make.ts';
import { configOf, levels } from './upstream.ts';

const using = (uses: string[], needs: string[] = []): Template => ({
  ...makeTemplate(() => ({ ok: true, body: {} })),
  uses,
  needs,
});
const programs = [makeProgram({ create: using(['first_name', 'city'], ['first_name']) })];
const idTypes = ['registered'];

function writeExport(text: string | Buffer): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'passbridge-doctor-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'export.csv');
  return writeFile(file, text).then(() => file);
}

describe('the templates check', () => {
  it('accepts an export with all columns', () => {
    expect(levels(templateFindings(programs, ['first_name', 'city']))).toEqual({ templates: 'ok' });
  });

  it('warns about a missing column that a template needs', () => {
    expect(templateFindings(programs, ['city'])).toMatchObject([
      { level: 'warning', message: 'loyalty.create needs columns that the export lacks: first_name' },
    ]);
  });

  it('mentions a missing column that has a default', () => {
    expect(templateFindings(programs, ['first_name'])).toMatchObject([
      { level: 'ok', message: expect.stringContaining('city') },
    ]);
  });

  it('reads the columns of an export', async () => {
    const file = await writeExport('registered,first_name,city\nc-1,A,B\n');
    expect(levels(await checkPrograms({ programs, file, idTypes }))).toMatchObject({ templates: 'ok' });
    const incomplete = await writeExport('registered,city\nc-1,B\n');
    expect(levels(await checkPrograms({ programs, file: incomplete, idTypes }))).toMatchObject({
      templates: 'warning',
    });
  });

  it('says that it does not compare without an export, or if every row has its own attributes', async () => {
    expect(levels(await checkPrograms({ programs, file: undefined, idTypes }))).toMatchObject({
      templates: 'ok',
    });
    const file = await writeExport('{"registered":"c-1"}\n');
    expect(levels(await checkPrograms({ programs, file, idTypes }))).toMatchObject({ templates: 'ok' });
  });

  it('reports an unreadable export', async () => {
    const found = await checkPrograms({ programs, file: '/nowhere/export.csv', idTypes });
    expect(found[0]).toMatchObject({
      level: 'error',
      message: expect.stringContaining('/nowhere/export.csv'),
    });
  });

  it('offers the encoding of an export that is not UTF-8, and reads it once confirmed', async () => {
    const file = await writeExport(iconv.encode('registered,first_name,město\nc-1,Jiří,Plzeň\n', 'cp1250'));
    const offered = await checkPrograms({ programs, file, idTypes });
    expect(offered[0]).toMatchObject({
      level: 'error',
      message: expect.stringMatching(/Jiří.*If these names are right, set --encoding to windows-1250/),
    });
    const read = await checkPrograms({ programs, file, idTypes, encoding: 'windows-1250' });
    expect(read[0]?.message).toContain('the export lacks');
  });

  it('accepts the bundled examples', async () => {
    const all = [...loadPrograms('examples/programs.yaml').values()];
    const found = await checkPrograms({ programs: all, file: 'examples/customers.csv', idTypes });
    expect(levels(found)).toMatchObject({ templates: 'ok' });
  });
});

describe('the write-back attributes check', () => {
  it('lists the attributes that the export does not contain', () => {
    const found = writeBackFinding(programs, ['passmachine_pass_id']);
    expect(found).toMatchObject({ level: 'ok', fix: expect.stringContaining('Data manager') });
    expect(found.message).toMatch(/: passmachine_pass_gendate, blank$/);
  });

  it('accepts an export with all attributes', () => {
    expect(writeBackFinding(programs, programs[0]?.writesBack ?? []).level).toBe('ok');
  });

  it('uses the attributes of the section, or the four of the guide', () => {
    const [loyalty] = loadPrograms('examples/programs.yaml').values();
    expect(loyalty?.writesBack).toEqual([
      'passmachine_pass_id',
      'passmachine_pass_link',
      'passmachine_pass_gendate',
      'passmachine_pass_email',
    ]);
  });
});

describe('the programs file check', () => {
  const secrets = secretsOf(configOf());
  const check = (text: string, templateId = 't-1') =>
    programsFileFindings({
      path: '/srv/programs.yaml',
      text,
      programs: [{ ...makeProgram(), templateId }],
      secrets,
    });

  it('accepts a file without credentials', () => {
    expect(levels(check('programs:\n  loyalty: {}\n'))).toEqual({ 'programs-file': 'ok' });
  });

  it('names the line of a credential without quoting it', () => {
    const found = check('programs:\n  loyalty:\n    x: secret-token\n    y: "Basic key-secret"\n');
    expect(found).toMatchObject([
      { level: 'warning', message: 'line 3 of programs.yaml contains one of your credentials' },
      { level: 'warning', message: expect.stringContaining('line 4') },
    ]);
    expect(JSON.stringify(found)).not.toMatch(/secret-token|key-secret/);
  });

  it.each(['temple_id_passmachine', '{template_id_passmachine}'])(
    'recognizes the placeholder %s of the guide',
    (templateId) => {
      expect(check('', templateId)).toMatchObject([
        { level: 'warning', message: "the templateId of loyalty is the guide's placeholder" },
      ]);
    },
  );
});
