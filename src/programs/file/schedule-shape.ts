/** The shape of the schedules in the programs file. What cron, condition and program say is judged when they are compiled. */

import { z } from 'zod';
import { campaignActions } from '../../domain/campaigns/campaign.ts';
import { missedRules, overlapRules } from '../../domain/schedules/schedule.ts';

/** Schedule names become part of campaign ids. */
const scheduleName = z
  .string()
  .regex(
    /^[A-Za-z][\w-]{0,63}$/,
    'a schedule name is letters, digits, - and _, at most 64, and starts with a letter',
  );

const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A text of that form; whatever else it is, the problem is told in the same words. */
const written = (form: RegExp, problem: string) =>
  z
    .custom<string>((value) => typeof value === 'string' && form.test(value), problem)
    // For the JSON Schema, which cannot look into a function.
    .meta({ type: 'string', pattern: form.source });

/** `90s`, `15m`, `8h` or `2d`, in milliseconds. */
const duration = written(/^[1-9]\d{0,5}[smhd]$/, 'must be a time such as 90s, 15m, 8h or 2d').transform(
  (text) => Number(text.slice(0, -1)) * UNITS_MS[text.slice(-1) as keyof typeof UNITS_MS],
);

/** `5%`, as a share. */
export const percent = written(/^(\d{1,2}(\.\d+)?|100)%$/, 'must be a percentage such as 5%').transform(
  (text) => Number(text.slice(0, -1)) / 100,
);

/** `21:00-08:00`, in minutes after midnight. */
export const hours = written(
  /^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/,
  'must be two times of day such as 21:00-08:00',
)
  .transform((text) => {
    const [from = 0, to = 0] = text.split('-').map((time) => {
      const [hour = 0, minute = 0] = time.split(':').map(Number);
      return hour * 60 + minute;
    });
    return { from, to };
  })
  .refine(({ from, to }) => from !== to, 'must be two different times of day');

/** A number that counts something. */
export const atLeastOne = z
  .custom<number>(
    (value) => Number.isSafeInteger(value) && Number(value) >= 1,
    'must be a whole number of at least 1',
  )
  .meta({ type: 'integer', minimum: 1 });

/** The guards of a campaign, by the names of its flags. */
const guardsShape = z.strictObject({
  canary: atLeastOne
    .optional()
    .describe('Sends to so many first, then waits for a person, or for continueAt.'),
  continueAt: percent
    .optional()
    .describe('Goes on by itself after the canary where at most this share of it failed, e.g. 2%.'),
  pauseAt: percent
    .optional()
    .describe('Pauses where more than this share of the last calls failed, e.g. 5%.'),
  quietHours: hours.optional().describe('No phone rings in these hours, e.g. 21:00-08:00.'),
  timeZone: z.string().optional().describe('Of the quiet hours; by default TIME_ZONE.'),
  timeZoneAttribute: z.string().optional().describe('Customer attribute with the customer’s own time zone.'),
  inQuietHours: z
    .enum(['hold', 'drop'])
    .optional()
    .describe('hold: sent when they are over; drop: not sent at all.'),
  maxNotificationsPerDay: atLeastOne.optional().describe('So many notifications a card in 24 hours.'),
  overLimit: z
    .enum(['skip', 'silent', 'hold'])
    .optional()
    .describe(
      'What happens to one more: skip it, send it without a ring (silent), or hold it until it may ring.',
    ),
  changedOnly: z.boolean().optional().describe('Leaves cards alone that show the same already.'),
});

const sourceShape = z.union(
  [z.string().min(1), z.strictObject({ file: z.string().min(1) })],
  'must be the name of a source, or { file: a path }',
);

const scheduleShape = z.strictObject({
  program: z.string().describe('Name of the program in this file.'),
  action: z
    .enum(campaignActions)
    .describe(
      'issue: cards for those without; reissue: a new card in place of the old; update: new data; notify: a text that rings.',
    ),
  source: sourceShape.describe(
    'Name of a source in this file, or { file: a path } that is read anew each time.',
  ),
  cron: z
    .string()
    .describe('Minute, hour, day of month, month, weekday: 30 2 * * * is every night at 02:30.'),
  timeZone: z.string().optional().describe('Of the cron; by default TIME_ZONE.'),
  text: z.string().min(1, 'is empty').optional().describe('What a notification says.'),
  useBy: duration.optional().describe('Nothing is sent later than this after the start, e.g. 8h.'),
  guards: guardsShape.optional().describe('What holds a campaign back; see docs/campaigns.md.'),
  where: z.string().optional().describe('Jinja: one expression that is true of the customers who are meant.'),
  skipBadRows: z
    .boolean()
    .optional()
    .describe('Rejects rows that cannot be read, instead of pausing at the first.'),
  overlap: z
    .enum(overlapRules)
    .optional()
    .describe('While the last run goes on: skip this one, queue it, or replace the last.'),
  missed: z
    .enum(missedRules)
    .optional()
    .describe(
      'What becomes of runs that nobody started in time: one run makes up for all (run-once), none (skip), or a person is asked (ask).',
    ),
  startWithin: duration.optional().describe('A run that is later than this was missed, e.g. 1h.'),
  enabled: z.boolean().optional().describe('false: it does not start by itself.'),
});

export const schedulesShape = z.record(scheduleName, scheduleShape);

/** A schedule as the file has it. */
export type ScheduleSpec = z.infer<typeof scheduleShape>;

export type GuardsSpec = z.infer<typeof guardsShape>;

/** The keys that are allowed at a place below `schedules`, for "did you mean". */
export function scheduleKeysAt([, section]: readonly PropertyKey[]): string[] {
  if (section === undefined) return Object.keys(scheduleShape.shape);
  return section === 'guards' ? Object.keys(guardsShape.shape) : [];
}
