/** Compiles one program of the file: its bodies become templates. */

import { hash } from 'node:crypto';
import { z } from 'zod';
import { JOB_ID_KEY, type Json, type Program, type Template } from '../../domain/jobs/program.ts';
import type { PathProblem } from '../../kit/json-path.ts';
import { parseNames } from '../jinja/names.ts';
import { parseBody } from '../template/body.ts';
import { compileSection, type Section } from '../template/section.ts';
import { designOf, previewProblems } from './preview-shape.ts';
import { programShape, type ProgramSource } from './program-shape.ts';

/** The attributes that the guide writes back, and the email address that the card was issued for. */
const DEFAULT_ATTRIBUTES = {
  passmachine_pass_id: '{{ webhook.data.id }}',
  passmachine_pass_link: '{{ webhook.data.ro.microsite.url }}',
  passmachine_pass_gendate: '{{ time }}',
  passmachine_pass_email: "{{ customer.email | default('') }}",
};

/** Characters of a version: 72 bits, and few programs ever have more than a hundred versions. */
const VERSION_LENGTH = 12;

export type CompiledProgram = { ok: true; program: Program } | { ok: false; problems: PathProblem[] };

/** Compiles a program. The paths of problems start at the program. */
export function compileProgram(name: string, source: ProgramSource): CompiledProgram {
  const problems: PathProblem[] = [];
  const { vouchers } = source;
  const compile = (section: Section, body: Json): Template | undefined => {
    const compiled = compileSection(section, body, { hasVouchers: vouchers !== undefined });
    if (compiled.ok) return compiled.template;
    problems.push(...compiled.problems);
    return undefined;
  };

  const templateId = source.templateId ?? source.create.templateId;
  if (templateId === undefined) {
    problems.push({
      path: ['templateId'],
      problem: "is missing: it is Passmachine's id of the card template",
    });
  } else if (source.create.templateId !== undefined && source.create.templateId !== templateId) {
    problems.push({
      path: ['create', 'templateId'],
      problem: `differs from the program's templateId, ${templateId}`,
    });
  }

  const { templateVariables, metadata } = source.create;
  const { jobIdKey = JOB_ID_KEY } = source;
  if (jobIdKey !== false && metadata?.[jobIdKey] !== undefined) {
    problems.push({
      path: ['create', 'metadata', jobIdKey],
      problem:
        "is where passbridge sends the job's id: rename it, or set jobIdKey to another name or to false",
    });
  }

  const create = compile('create', {
    templateId: templateId ?? '',
    templateVariables,
    ...(metadata !== undefined && { metadata }),
  });
  // A derived update would only repeat the problems of an invalid create.
  const patch = source.update ?? (create === undefined ? [] : replaceAll(templateVariables));
  const update = patch.length === 0 ? undefined : compile('update', asJson(patch));
  const notify = source.notify && compile('notify', asJson(source.notify));
  const attributesBody = source.attributes ?? DEFAULT_ATTRIBUTES;
  const attributes = compile('attributes', attributesBody);

  const { preview, ...sent } = source;
  problems.push(...previewProblems(preview, Object.keys(templateVariables)));

  if (templateId === undefined || create === undefined || attributes === undefined || problems.length > 0) {
    return { ok: false, problems };
  }
  const patches = { ...(update && { update }), ...(notify && { notify }) };
  const { card } = source;
  const writesBack = Object.keys(attributesBody);
  // A campaign is not outdated because a preview looks different.
  const stored = z.json().parse(sent);
  const version = hash('sha256', JSON.stringify(stored), 'base64url').slice(0, VERSION_LENGTH);
  return {
    ok: true,
    program: {
      name,
      card,
      templateId,
      ...(vouchers !== undefined && { vouchers }),
      ...(jobIdKey !== false && { jobIdKey }),
      ...(preview !== undefined && { design: designOf(preview) }),
      source: stored,
      version,
      create,
      attributes,
      writesBack,
      ...patches,
    },
  };
}

/** Compiles a stored {@link Program.source}; undefined if another version of passbridge wrote it and it no longer compiles. */
export function recompileProgram(name: string, source: Json): Program | undefined {
  const shaped = programShape.safeParse(source);
  if (!shaped.success) return undefined;
  const compiled = compileProgram(name, shaped.data);
  return compiled.ok ? compiled.program : undefined;
}

type Patch = NonNullable<ProgramSource['update']>;

/** Returns a JSON Patch that replaces every variable except voucher codes: a card keeps its code. */
function replaceAll(variables: Readonly<Record<string, Json>>): Patch {
  const changing = Object.entries(variables).filter(([, value]) => !mentionsVoucher(value));
  return changing.map(([name, value]) => ({
    op: 'replace',
    // Escaped by RFC 6901.
    path: `/templateVariables/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
    value,
  }));
}

function mentionsVoucher(value: Json): boolean {
  return parseBody(value).leaves.some(({ source }) =>
    parseNames(source).references.some(({ root }) => root === 'voucher'),
  );
}

/** Drops the undefined `value` of a `remove`, which is not JSON. */
function asJson(patch: Patch): Json {
  return patch.map(({ op, path, value }) => (value === undefined ? { op, path } : { op, path, value }));
}
