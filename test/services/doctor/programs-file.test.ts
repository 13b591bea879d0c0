import { expect, it } from 'vitest';
import { programsFileFindings } from '../../../src/services/doctor/programs-file.ts';
import { secretsOf } from '../../../src/services/doctor/secrets.ts';
import { makeProgram } from '../../support/make.ts';
import { configOf, levels } from './upstream.ts';

const secrets = secretsOf(configOf());
const look = (text: string, templateId = 't-1') =>
  programsFileFindings({
    path: '/srv/programs.yaml',
    text,
    programs: [{ ...makeProgram(), templateId }],
    secrets,
  });

it('a programs file without a credential is as it should be', () => {
  expect(levels(look('programs:\n  loyalty: {}\n'))).toEqual({ 'programs-file': 'ok' });
});

it('a credential of this installation in it is pointed out by its line, and not repeated', () => {
  const found = look('programs:\n  loyalty:\n    x: secret-token\n    y: "Basic key-secret"\n');
  expect(found).toMatchObject([
    { level: 'warning', message: 'line 3 of programs.yaml repeats a credential of yours' },
    { level: 'warning', message: expect.stringContaining('line 4') },
  ]);
  expect(JSON.stringify(found)).not.toMatch(/secret-token|key-secret/);
});

it.each(['temple_id_passmachine', '{template_id_passmachine}'])('%s is still the guide’s', (templateId) => {
  expect(look('', templateId)).toMatchObject([
    { level: 'warning', message: "the templateId of loyalty is still the guide's placeholder" },
  ]);
});
