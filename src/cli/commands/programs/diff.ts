/** `passbridge diff`: what a changed programs file does to the cards of an export. */

import type { DiffExample, FieldChange, SectionDiff } from '../../../domain/campaigns/program-diff.ts';
import type { SourceEncoding } from '../../../domain/campaigns/campaign.ts';
import { formatCount } from '../../../domain/presentation/format.ts';
import { visibleLine } from '../../../kit/text/visible.ts';
import type { FileDiff } from '../../../services/campaigns/compare-programs.ts';
import { type DeclareCommand, environment, type ExitCode } from '../../command.ts';
import { encodingFlag } from '../../encoding-flag.ts';
import { say } from '../../output/terminal.ts';

interface DiffFlags {
  program?: string;
  encoding?: SourceEncoding;
  json?: boolean;
}

export const declareDiff: DeclareCommand = (program, ended) => {
  program
    .command('diff')
    .description(
      'show how a changed programs file would change the cards of an export; ends with 1 if it does',
    )
    .argument('<old>', 'the programs file as it was')
    .argument('<new>', 'the programs file as it will be')
    .argument('<file>', 'the export: CSV, JSON Lines or native_json, optionally gzipped')
    .option('--program <name>', 'compare this program only')
    .addOption(encodingFlag())
    .option('--json', 'print JSON')
    .action(async (old: string, next: string, file: string, flags: DiffFlags) =>
      ended(await diff(old, next, file, flags)),
    );
};

async function diff(old: string, next: string, file: string, flags: DiffFlags): Promise<ExitCode> {
  const { loadConfig } = await import('../../../config/load.ts');
  const { loadPrograms } = await import('../../../programs/file/programs.ts');
  const { comparePrograms } = await import('../../../services/campaigns/compare-programs.ts');
  const config = loadConfig(environment());
  const found = await comparePrograms({
    before: loadPrograms(old),
    after: loadPrograms(next),
    only: flags.program,
    file,
    idTypes: config.customers.idTypes,
    encoding: flags.encoding,
  });
  say(flags.json === true ? JSON.stringify(found) : describe(found));
  return found.differs ? 1 : 0;
}

function describe({ differs, added, removed, programs }: FileDiff): string {
  return [
    ...added.map((name) => `${name}: a new program`),
    ...removed.map((name) => `${name}: removed; its campaigns cannot be continued`),
    ...programs.flatMap(({ program, rows, unreadable, sections, added: newer, removed: older }) => [
      `${program}: ${formatCount(rows, 'customer')}${unreadable === 0 ? '' : `, ${unreadable} of them unreadable`}`,
      ...newer.map((section) => `  ${section}: a new section`),
      ...older.map((section) => `  ${section}: removed`),
      ...sections.flatMap(describeSection),
    ]),
    ...(differs ? [] : ['No card of this export changes.']),
  ].join('\n');
}

const effects = {
  create: 'A card issued from now on differs',
  update: 'An update sets other values',
  notify: 'A notification sets other values',
} as const;

function describeSection({ section, examples, ...counts }: SectionDiff): string[] {
  const { changed, losesField, nowRefused, nowAccepted } = counts;
  const lines = [
    [changed, `${effects[section]} for ${formatCount(changed, 'customer')}`],
    [losesField, `A field is lost or emptied for ${formatCount(losesField, 'customer')}`],
    [nowRefused, `${formatCount(nowRefused, 'customer')} would be rejected or left out`],
    [nowAccepted, `${formatCount(nowAccepted, 'customer')} would no longer be rejected or left out`],
  ] as const;
  const shown = lines.flatMap(([count, line]) => (count === 0 ? [] : [`    ${line}.`]));
  if (shown.length === 0) return [`  ${section}: the same for all`];
  return [`  ${section}:`, ...shown, ...examples.flatMap(describeExample)];
}

/** Fields of an example that are listed. */
const MAX_FIELDS = 5;

function describeExample({ customer, fields = [], refused }: DiffExample): string[] {
  const more = fields.length - MAX_FIELDS;
  return [
    `      ${visibleLine(customer)}`,
    ...fields.slice(0, MAX_FIELDS).map((field) => `        ${describeChange(field)}`),
    ...(more > 0 ? [`        and ${formatCount(more, 'field')} more`] : []),
    ...(refused === undefined
      ? []
      : [`        rejected by the ${refused.by} file: ${visibleLine(refused.why)}`]),
  ];
}

function describeChange({ path, from, to }: FieldChange): string {
  return visibleLine(`${path}: ${quoted(from)} → ${quoted(to)}`);
}

function quoted(value: string | undefined): string {
  return value === undefined ? '(none)' : JSON.stringify(value);
}
