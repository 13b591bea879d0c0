import { expect, it } from 'vitest';
import { parsePrograms } from '../../src/programs/file/programs.ts';
import { renderBody } from '../../src/worker/render.ts';
import { makeJob } from '../support/make.ts';

const options = { time: 1_763_855_000, silent: false };

function programWith(text: string) {
  const file = `programs:\n  p:\n    card: fan\n    templateId: t\n${text}`;
  const program = parsePrograms(file, 'programs.yaml', { folder: '.', timeZone: 'UTC' }).programs.get('p');
  if (program === undefined) throw new Error('no program');
  return program;
}

function rendered(...args: Parameters<typeof renderBody>): unknown {
  const body = renderBody(...args);
  return body.ok ? JSON.parse(body.text ?? '') : body;
}

const create = '    create: { templateVariables: { a: b }, metadata: { tier: gold } }\n';

it.each([
  ['', { tier: 'gold', passbridge_job: 'run-1' }],
  ['    jobIdKey: origin\n', { tier: 'gold', origin: 'run-1' }],
  ['    jobIdKey: false\n', { tier: 'gold' }],
])('adds the job id to the metadata of a create: %j', (setting, metadata) => {
  expect(rendered(makeJob(1, { id: 'run-1' }), programWith(create + setting), options)).toEqual({
    templateId: 't',
    templateVariables: { a: 'b' },
    metadata,
  });
});

it('makes metadata for a program without any', () => {
  const program = programWith('    create: { templateVariables: { a: b } }\n');
  expect(rendered(makeJob(1, { id: 'run-1' }), program, options)).toMatchObject({
    metadata: { passbridge_job: 'run-1' },
  });
});

it('leaves a PATCH, and the body of a request that came whole, as they are', () => {
  const program = programWith(create);
  const whole = makeJob(1, { body: '{ "templateId" : "t", "metadata": {"n":9007199254740993} }' });
  expect(renderBody(whole, program, options)).toEqual({ ok: true, text: whole.body });
  const update = rendered(makeJob(1, { action: 'update' }), program, options);
  expect(JSON.stringify(update)).not.toContain('passbridge_job');
});
