/** The tables of docs/templates.md, row by row. */

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileSection } from '../../src/programs/template/section.ts';
import { builtin } from '../../src/programs/jinja/library/builtin.ts';
import * as refusals from '../../src/programs/jinja/refusals.ts';
import { methodsByType } from '../../src/programs/python/attributes.ts';
import { whyUnrendered } from '../../src/domain/jobs/program.ts';

const rows = readFileSync('docs/templates.md', 'utf8')
  .split('\n')
  .filter((line) => /^\| `\{|^\| `\w*:? ?\{/.test(line) || line.startsWith('| `vip'))
  .map((line) => {
    const [, template = '', data = '', result = ''] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    return { template: code(template), data: code(data), result };
  });

function code(cell: string): string {
  return cell.replace(/^`|`$/g, '').replaceAll('\\|', '|');
}

/** Renders a template and words the result as the page does. */
function resultOf(template: string, data: string): string {
  const compiled = compileSection('create', [template]);
  if (!compiled.ok) return `refused: ${compiled.problems.map(({ problem }) => problem).join()}`;
  const rendered = compiled.template.render({
    customer: JSON.parse(data) as Record<string, unknown>,
    customer_ids: { registered: 'c-1' },
    time: 1763855000,
  });
  if (rendered.ok) {
    const [value] = rendered.body as [unknown];
    return `\`${JSON.stringify(value)}\``;
  }
  if ('aborted' in rendered)
    return rendered.aborted === '' ? 'left out' : `left out: \`${rendered.aborted}\``;
  return `rejected: ${whyUnrendered(rendered)}`;
}

/** Returns the pattern of a cell. The page may shorten the reason of a rejection. */
function expectedBy(cell: string): RegExp {
  const detail = /^rejected:? ?(.*)$/.exec(cell)?.[1];
  return detail === undefined
    ? new RegExp(`^${literal(cell)}$`)
    : new RegExp(`^rejected: .*${literal(code(detail))}`);
}

function literal(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
}

describe('docs/templates.md', () => {
  it('has rows', () => {
    expect(rows.length).toBeGreaterThan(40);
  });

  it.each(rows)('$template with $data', ({ template, data, result }) => {
    expect(resultOf(template, data)).toMatch(expectedBy(result));
  });
});

it('docs/templates.md lists what the suite compares', async () => {
  const { withJinjaTables } = (await import(resolve('scripts/docs/jinja-tables.mjs'))) as {
    withJinjaTables: (page: string, tables: object) => string;
  };
  const page = readFileSync('docs/templates.md', 'utf8');
  expect(page).toBe(withJinjaTables(page, { builtin, methodsByType, refusals }));
});
