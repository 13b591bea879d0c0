/** One program of the file, compiled: its bodies become templates. */

import { hash } from 'node:crypto';
import { z } from 'zod';
import type { Json, Program, Template } from '../../domain/jobs/program.ts';
import type { Renderer } from '../jinja/renderer.ts';
import { readNames } from '../jinja/names.ts';
import { type BodyProblem, readBody } from '../template/body.ts';
import type { ProgramSource } from './program-shape.ts';
import { compileSection, type Section } from '../template/section.ts';

/** What the guide writes back, and the address that the card was made for. */
const DEFAULT_ATTRIBUTES = {
  passmachine_pass_id: '{{ webhook.data.id }}',
  passmachine_pass_link: '{{ webhook.data.ro.microsite.url }}',
  passmachine_pass_gendate: '{{ time }}',
  passmachine_pass_email: "{{ customer.email | default('') }}",
};

/** Characters of a version: 72 bits, and few programs ever have more than a hundred. */
const VERSION = 12;

export type CompiledProgram = { ok: true; program: Program } | { ok: false; problems: BodyProblem[] };

/** Compiles a program; problems are placed relative to it. */
export function compileProgram(renderer: Renderer, name: string, source: ProgramSource): CompiledProgram {
  const problems: BodyProblem[] = [];
  const { vouchers } = source;
  const compile = (section: Section, body: Json): Template | undefined => {
    const compiled = compileSection(renderer, section, body, { hasVouchers: vouchers !== undefined });
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
    problems.push({ path: ['create', 'templateId'], problem: `differs from the program's, ${templateId}` });
  }

  const { templateVariables, metadata } = source.create;
  const create = compile('create', {
    templateId: templateId ?? '',
    templateVariables,
    ...(metadata !== undefined && { metadata }),
  });
  // A derived update could only repeat what is wrong with the create.
  const patch = source.update ?? (create === undefined ? [] : replaceAll(templateVariables));
  const update = patch.length === 0 ? undefined : compile('update', asJson(patch));
  const notify = source.notify && compile('notify', asJson(source.notify));
  const attributesBody = source.attributes ?? DEFAULT_ATTRIBUTES;
  const attributes = compile('attributes', attributesBody);

  if (templateId === undefined || create === undefined || attributes === undefined || problems.length > 0) {
    return { ok: false, problems };
  }
  const patches = { ...(update && { update }), ...(notify && { notify }) };
  const { card } = source;
  const writesBack = Object.keys(attributesBody);
  const kept = z.json().parse(source);
  const version = hash('sha256', JSON.stringify(kept), 'base64url').slice(0, VERSION);
  return {
    ok: true,
    program: {
      name,
      card,
      templateId,
      ...(vouchers !== undefined && { vouchers }),
      source: kept,
      version,
      create,
      attributes,
      writesBack,
      ...patches,
    },
  };
}

type Patch = NonNullable<ProgramSource['update']>;

/** A JSON Patch that sets every variable anew; names are escaped by RFC 6901. A card keeps its code. */
function replaceAll(variables: Readonly<Record<string, Json>>): Patch {
  const changing = Object.entries(variables).filter(([, value]) => !mentionsVoucher(value));
  return changing.map(([name, value]) => ({
    op: 'replace',
    path: `/templateVariables/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
    value,
  }));
}

function mentionsVoucher(value: Json): boolean {
  return readBody(value).leaves.some(({ source }) =>
    readNames(source).references.some(({ root }) => root === 'voucher'),
  );
}

/** Drops the absent `value` of a `remove`, which JSON has no word for. */
function asJson(patch: Patch): Json {
  return patch.map(({ op, path, value }) => (value === undefined ? { op, path } : { op, path, value }));
}
