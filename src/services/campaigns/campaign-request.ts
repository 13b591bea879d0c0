/** Whether a source, a program and what is wished for fit each other; the first thing that does not refuses. */

import { UserError } from '../../kit/user-error.ts';
import { missingColumns } from '../../campaign/row-filter.ts';
import { makeConditionCompiler } from '../../programs/template/condition.ts';
import type { Config } from '../../config/config.ts';
import { type CampaignAction, type CampaignOrder, passActionOf } from '../../domain/campaigns/campaign.ts';
import type { Condition } from '../../domain/campaigns/condition.ts';
import type { Guards } from '../../domain/campaigns/guards.ts';
import { LONGEST_TEXT, PASS_ID_ATTRIBUTE } from '../../domain/jobs/pass-job.ts';
import { type Program, type Template, templateOf } from '../../domain/jobs/program.ts';
import { systemClock } from '../../kit/clock.ts';
import { openFile, type SourceFile } from '../../sources/open-file.ts';

/** What may be asked of a campaign beyond its action. */
export type CampaignOptions = Pick<CampaignOrder, 'text' | 'useBy' | 'guards' | 'where'>;

export interface CampaignRequest {
  config: Config;
  program: Program;
  action: CampaignAction;
  /** Path of the export. */
  file: string;
  /** Name of the configured source that it was fetched from. */
  from?: string;
  options: CampaignOptions;
}

/** A source that a campaign can be run with, and the condition for its customers. */
export interface CheckedRequest {
  source: SourceFile;
  condition: Condition | undefined;
}

/** Opens the export of a campaign that can be run. Throws {@link UserError}, or as the source does. */
export async function openRequest(request: CampaignRequest): Promise<CheckedRequest> {
  const { config, program, action, file, options } = request;
  const template = templateFor(program, action, options);
  checkGuards(action, options.guards);
  const condition = options.where === undefined ? undefined : conditionOf(options.where);
  const source = await openFile(file, { idTypes: config.customers.idTypes });
  const { attributes, columns } = source;
  const lacks = (names: readonly string[], who: string, remedy: string) => {
    const missing = names.map((name) => `customer.${name}`).join(', ');
    throw new UserError(
      'INVALID_CAMPAIGN',
      `${file} has no column for ${missing}, which ${who} needs. Its columns are: ${columns?.join(', ')}. ${remedy}`,
    );
  };
  if (attributes !== undefined) {
    const missing = missingColumns(template.needs, attributes);
    const allow = "or allow them to be absent in the template: {{ customer.NAME | default('') }}.";
    if (missing.length > 0) {
      lacks(missing, `${program.name}.${passActionOf(action)}`, `Add them to the export, ${allow}`);
    }
    // Nobody would have a card, and everybody would be skipped.
    if (action !== 'issue' && !attributes.includes(PASS_ID_ATTRIBUTE)) {
      lacks([PASS_ID_ATTRIBUTE], action, 'Export the segment again with it: it tells which card to change.');
    }
    // As a number, what is not there is 0: a misspelt name would be true of everybody.
    const unseen = missingColumns(condition?.uses ?? [], attributes);
    if (unseen.length > 0)
      lacks(unseen, 'the condition (where)', 'Add them to the export, or mend the name.');
  }
  return { source, condition };
}

function conditionOf(where: string): Condition {
  const compiled = makeConditionCompiler()(where);
  if (compiled.ok) return compiled.condition;
  throw new UserError('INVALID_CAMPAIGN', `The condition (where) ${where}: ${compiled.problems.join('; ')}.`);
}

/** The section that the action sends. Throws where the program or what is wished for does not fit it. */
function templateFor(program: Program, action: CampaignAction, { text, useBy }: CampaignOptions): Template {
  const section = passActionOf(action);
  const template = templateOf(program, section);
  if (template === undefined) {
    throw new UserError(
      'INVALID_CAMPAIGN',
      `The programs file has no ${program.name}.${section}, which ${action} sends. Add the section and start again.`,
    );
  }
  if (template.usesText && text === undefined) {
    throw new UserError(
      'INVALID_CAMPAIGN',
      `${program.name}.${section} shows {{ text }}: say what with --text "…".`,
    );
  }
  if (!template.usesText && text !== undefined) {
    throw new UserError(
      'INVALID_CAMPAIGN',
      `${program.name}.${section} does not show a text: put {{ text }} into the section, or leave --text away.`,
    );
  }
  if (text !== undefined && text.length > LONGEST_TEXT) {
    throw new UserError(
      'INVALID_CAMPAIGN',
      `The text has ${text.length} characters, and a card shows ${LONGEST_TEXT} at most. Shorten it.`,
    );
  }
  if (useBy !== undefined && useBy <= systemClock()) {
    throw new UserError(
      'INVALID_CAMPAIGN',
      `--use-by ${new Date(useBy).toISOString()} has passed: nothing would be sent. Give a later time, or none.`,
    );
  }
  return template;
}

function checkGuards(action: CampaignAction, { rings, changedOnly }: Guards = {}): void {
  if (rings !== undefined && action !== 'notify') {
    throw new UserError(
      'INVALID_CAMPAIGN',
      `Only notify rings, so ${action} cannot be limited in rings. Leave --max-notifications-per-day away.`,
    );
  }
  if (changedOnly === true && action === 'notify') {
    throw new UserError(
      'INVALID_CAMPAIGN',
      'A notification changes nothing on the card to compare. Leave --changed-only away.',
    );
  }
}
