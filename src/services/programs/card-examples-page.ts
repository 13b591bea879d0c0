/** docs/programs.md, made from the examples themselves: what a customer sees of each kind of card. */

import type { Json, Program, Template, TemplateContext } from '../../domain/jobs/program.ts';
import { SAMPLE_VOUCHER, whyUnrendered } from '../../domain/jobs/program.ts';
import type { Customer } from '../../domain/jobs/pass-job.ts';
import { openFile } from '../../sources/open-file.ts';
import { aboutExample, type CardExample, cardExamples, programOfExample } from './card-examples.ts';

const HEAD = `# Ready programs

The guide names fifteen kinds of card. For each there is a working program in \`examples/cards/\`, with an example export beside it. Copy the
one that is nearest to yours (\`passbridge init --card KIND\` does), put your template's id into it, and give the variables the names
that your template at Passmachine has. What the card shows below is the first customer of the example.

Attributes are written back when a card is made, not when it is updated: what changes, such as points, belongs into an attribute of your own.
One \`passmachine_pass_id\` names one card, and \`issue\` skips whoever has one; for a second kind of card for the same customers let each
program write attributes of its own, and name the columns of its exports after them.

This page is made from the examples by \`npm run docs\`.
`;

/** Ours for messages: they are not shown on the front. */
const HIDDEN: ReadonlySet<string> = new Set(['fieldValue', 'changeMessage']);

const LABEL_WIDTH = 22;

/** The whole page. */
export async function cardExamplesPage(): Promise<string> {
  const sections = await Promise.all(cardExamples.map(section));
  return [HEAD, ...sections].join('\n');
}

async function section(example: CardExample): Promise<string> {
  const { kind } = example;
  const program = programOfExample(example);
  const { about, text } = aboutExample(example);
  const { ids, attributes } = await firstCustomer(example);
  const context = { customer: attributes, customer_ids: ids, time: 0, text };
  const { needs } = program.create;
  const spared = program.create.uses.filter((name) => !needs.includes(name));
  return `## ${kind}

${about} [Program](../examples/cards/${kind}.yaml), [export](../examples/cards/${kind}.csv).

\`\`\`text
${front(program, context).join('\n')}

on the lock screen, after passbridge notify:
${shown(notificationOf(program, context))}
\`\`\`

It needs ${listed(needs)}${spared.length === 0 ? '' : `; ${listed(spared)} may be empty`}. It writes back ${listed(writtenBack(program, context))}.
`;
}

async function firstCustomer({ customers }: CardExample): Promise<Customer> {
  const source = await openFile(customers, { idTypes: ['registered'] });
  for await (const [row] of source.rows()) if (row?.ok === true) return row.customer;
  throw new Error(`${customers} has no customer`);
}

function front(program: Program, context: TemplateContext): string[] {
  const body = rendered(program.create, { ...context, voucher: SAMPLE_VOUCHER });
  const { templateVariables } = body as { templateVariables: Record<string, Json> };
  return Object.entries(templateVariables)
    .filter(([name]) => !HIDDEN.has(name))
    .map(([name, value]) => `${labelOf(name).padEnd(LABEL_WIDTH)}${shown(value)}`);
}

/** `kpCardNumber` as a template would call it: Card number. */
function labelOf(variable: string): string {
  const words = variable
    .replace(/^kp/, '')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function shown(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function notificationOf({ notify }: Program, context: TemplateContext): Json {
  const operations = rendered(notify, context) as { path: string; value: Json }[];
  return operations.find(({ path }) => path === '/templateVariables/fieldValue')?.value ?? '';
}

function writtenBack({ attributes }: Program, context: TemplateContext): string[] {
  const webhook = { data: { id: 'id', ro: { microsite: { url: 'url' } } } };
  return Object.keys(rendered(attributes, { ...context, webhook, voucher: SAMPLE_VOUCHER }) as object);
}

function rendered(template: Template | undefined, context: TemplateContext): Json {
  const result = template?.render(context);
  if (result?.ok === true) return result.body;
  throw new Error(result === undefined ? 'a section is missing' : whyUnrendered(result));
}

function listed(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}
