/** Checks that the program, the action, the options and the columns of a source fit together. */

import type { Config } from '../../config/config.ts';
import { passActionOf } from '../../domain/campaigns/campaign.ts';
import type { CampaignAction } from '../../domain/campaigns/campaign-action.ts';
import type { Condition } from '../../domain/campaigns/condition.ts';
import { expectedTime } from '../../domain/campaigns/finish.ts';
import { type OptionNames, textProblem } from '../../domain/campaigns/options/campaign-options.ts';
import type { CampaignOptions } from '../../domain/campaigns/options/parse-options.ts';
import { sendingMs } from '../../domain/campaigns/safeguards/sending-rate.ts';
import { PASS_ID_ATTRIBUTE } from '../../domain/jobs/pass-job.ts';
import { type Program, type Template, templateOf } from '../../domain/jobs/program.ts';
import { formatCount, formatDuration } from '../../domain/presentation/format.ts';
import { missingColumns } from '../../campaign/row-filter.ts';
import { systemClock } from '../../kit/clock.ts';
import { UserError } from '../../kit/user-error.ts';
import { compileCondition } from '../../programs/template/condition.ts';
import { compileText } from '../../programs/template/notification-text.ts';
import { openFile, type SourceFile } from '../../sources/open-file.ts';

export interface CampaignRequest {
  config: Config;
  program: Program;
  action: CampaignAction;
  /** Path of the export. */
  file: string;
  /** Name of the configured source that it was fetched from. */
  from?: string;
  options: CampaignOptions;
  /** How error messages name options, e.g. as flags. */
  nameOf: OptionNames;
  /** Whether errors are stored and logged, for lack of an operator who reads them: then they quote no customer. */
  isUnattended?: true;
}

export interface CheckedRequest {
  source: SourceFile;
  condition: Condition | undefined;
}

/** Opens the file of a request that can be run. Throws a {@link UserError}, or a `SourceError` for the file. */
export async function openRequest(request: CampaignRequest): Promise<CheckedRequest> {
  const { config, program, action, file, options, nameOf } = request;
  const template = templateFor(request);
  refusePastTimes(options, nameOf);
  const condition = options.where === undefined ? undefined : conditionOf(options.where, nameOf);
  const source = await openFile(file, {
    idTypes: config.customers.idTypes,
    ...(options.encoding !== undefined && { encoding: options.encoding }),
  });
  const { attributes, columns } = source;
  if (attributes === undefined) return { source, condition };

  const needColumns = (names: readonly string[], user: string, remedy: string) => {
    const missing = missingColumns(names, attributes).map((name) => `customer.${name}`);
    if (missing.length === 0) return;
    throw invalid(
      `${file} has no column for ${missing.join(', ')}, which ${user} needs. Its columns are: ${columns?.join(', ')}. ${remedy}`,
    );
  };
  const text = options.text === undefined ? undefined : textOf(options.text, nameOf);
  needColumns(
    text?.needs ?? [],
    nameOf('text'),
    "Add them to the export, or allow them to be absent: {{ customer.NAME | default('') }}.",
  );
  needColumns(
    template.needs,
    `${program.name}.${passActionOf(action)}`,
    "Add them to the export, or allow them to be absent in the template: {{ customer.NAME | default('') }}.",
  );
  // Without this column every customer would be skipped as having no card.
  if (action !== 'issue')
    needColumns(
      [PASS_ID_ATTRIBUTE],
      action,
      'Export the segment again with this column: it identifies the card to change.',
    );
  // A missing column counts as 0 in a numeric comparison, so a misspelt name would match every customer.
  needColumns(
    condition?.uses ?? [],
    `the condition (${nameOf('where')})`,
    'Add them to the export, or correct the name.',
  );
  return { source, condition };
}

/**
 * Throws a {@link UserError} if that many customers cannot be sent to at the requested rate, or if the last of them would
 * be due after the use-by time.
 */
export function refuseImpossibleRate(
  { config, options: { guards, startAt = systemClock(), useBy }, nameOf }: CampaignRequest,
  customers: number,
): void {
  const sendingRate = guards?.sendingRate;
  if (sendingRate === undefined) return;
  const fastestMs = expectedTime(customers, config.passmachine).min;
  if ('overMs' in sendingRate && sendingRate.overMs < fastestMs) {
    throw invalid(
      `${nameOf('over')} is too short: ${formatCount(customers, 'customer')} take at least ${formatDuration(fastestMs)}. Give a longer time, or omit it to send as fast as Passmachine allows.`,
    );
  }
  const name = nameOf('overMs' in sendingRate ? 'over' : 'perSecond');
  const end = startAt + sendingMs(sendingRate, customers);
  if (useBy === undefined || end <= useBy) return;
  throw invalid(
    `With ${name} the last of ${formatCount(customers, 'customer')} is due at ${new Date(end).toISOString()}, after ${nameOf('useBy')} ${new Date(useBy).toISOString()}. Send faster, or give a later end.`,
  );
}

function templateFor({ program, action, options, nameOf }: CampaignRequest): Template {
  const section = passActionOf(action);
  const path = `${program.name}.${section}`;
  const template = templateOf(program, section);
  if (template === undefined) {
    throw invalid(
      `The programs file has no ${path}, which ${action} sends. Add the section and start the campaign again.`,
    );
  }
  const problem = textProblem(path, template, options.text);
  if (problem !== undefined) throw invalid(`${nameOf('text')} ${problem}.`);
  return template;
}

function refusePastTimes({ startAt, useBy }: CampaignOptions, nameOf: OptionNames): void {
  if (startAt !== undefined) refusePastStart(startAt, nameOf('startAt'));
  if (useBy === undefined || useBy > (startAt ?? systemClock())) return;
  const problem = startAt === undefined ? 'has passed' : `is not after ${nameOf('startAt')}`;
  throw invalid(
    `${nameOf('useBy')} ${new Date(useBy).toISOString()} ${problem}, so nothing would be sent. Give a later time, or omit it.`,
  );
}

/** Throws a {@link UserError} if the time has passed. `name`: how the message names it. */
export function refusePastStart(startAt: number, name: string): void {
  if (startAt > systemClock()) return;
  throw invalid(
    `${name} ${new Date(startAt).toISOString()} has passed. Give a later time, or start the campaign without one.`,
  );
}

function conditionOf(where: string, nameOf: OptionNames): Condition {
  const compiled = compileCondition(where);
  if (compiled.ok) return compiled.condition;
  throw invalid(`The condition (${nameOf('where')}) ${where}: ${compiled.problems.join('; ')}.`);
}

function textOf(text: string, nameOf: OptionNames): Template {
  const compiled = compileText(text);
  if (compiled.ok) return compiled.template;
  throw invalid(`The text (${nameOf('text')}): ${compiled.problems.join('; ')}.`);
}

function invalid(message: string): UserError {
  return new UserError('INVALID_CAMPAIGN', message);
}
