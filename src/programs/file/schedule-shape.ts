/** The shape of schedules in the programs file. Cron expressions, conditions and programs are checked when it is compiled. */

import { z } from 'zod';
import { campaignActions } from '../../domain/campaigns/campaign-action.ts';
import { guardKeys, optionKeys } from '../../domain/campaigns/options/campaign-options.ts';
import { duration } from '../../domain/campaigns/options/option-values.ts';
import { fileShape } from '../../domain/campaigns/options/parse-options.ts';
import { missedRules, overlapRules } from '../../domain/schedules/schedule.ts';

/** Schedule names become part of campaign ids. */
const scheduleName = z
  .string()
  .regex(
    /^[A-Za-z][\w-]{0,63}$/,
    'a schedule name is letters, digits, - and _, at most 64, and starts with a letter',
  );

const sourceShape = z.union(
  [z.string().min(1), z.strictObject({ file: z.string().min(1) })],
  'must be the name of a source, or { file: a path }',
);

const guardsShape = z.strictObject(fileShape(guardKeys));

const scheduleShape = z.strictObject({
  program: z.string().describe('Name of the program in this file.'),
  action: z
    .enum(campaignActions)
    .describe(
      'issue: cards for customers without one; reissue: a new card in place of the old; update: current data; notify: a notification with a text.',
    ),
  source: sourceShape.describe(
    'Name of a source in this file, or { file: a path }. Each run reads the current file.',
  ),
  cron: z
    .string()
    .describe('Minute, hour, day of month, month, weekday: 30 2 * * * is every night at 02:30.'),
  timeZone: z.string().optional().describe('Time zone of the cron expression. The default is TIME_ZONE.'),
  ...fileShape(['text', 'where', 'useBy', 'skipBadRows', 'encoding']),
  guards: guardsShape.optional().describe('Safeguards of the campaigns; see docs/campaigns.md.'),
  overlap: z
    .enum(overlapRules)
    .optional()
    .describe('If the last run has not ended: skip this run, queue it, or replace the last one.'),
  missed: z
    .enum(missedRules)
    .optional()
    .describe(
      'After missed runs: start one run for all of them (run-once), none (skip), or ask an operator (ask).',
    ),
  startWithin: duration.optional().describe('A run that starts later than this counts as missed, e.g. 1h.'),
  enabled: z.boolean().optional().describe('false: the schedule does not start runs automatically.'),
});

export const schedulesShape = z.record(scheduleName, scheduleShape);

/** A schedule as the file defines it. Durations are in milliseconds. */
export type ScheduleSpec = z.infer<typeof scheduleShape>;

/** Returns the keys that are allowed at a path below `schedules`, for suggestions. */
export function scheduleKeysAt([, section]: readonly PropertyKey[]): string[] {
  if (section === undefined) return Object.keys(scheduleShape.shape);
  return section === 'guards' ? Object.keys(guardsShape.shape) : [];
}

/** The keys of a schedule's campaign options, with their path in the schedule. */
export const optionPaths = optionKeys.map((key) => ({
  key,
  path: guardKeys.some((guard) => guard === key) ? ['guards', key] : [key],
}));
