/** The shape of the schedules in the programs file. What cron, condition and program say is judged when they are compiled. */

import { z } from 'zod';
import { campaignActions } from '../job/campaign.ts';
import { missedRules, overlapRules } from '../job/schedule.ts';

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
  z.custom<string>((value) => typeof value === 'string' && form.test(value), problem);

/** `90s`, `15m`, `8h` or `2d`, in milliseconds. */
const duration = written(/^[1-9]\d{0,5}[smhd]$/, 'must be a time such as 90s, 15m, 8h or 2d').transform(
  (text) => Number(text.slice(0, -1)) * UNITS_MS[text.slice(-1) as keyof typeof UNITS_MS],
);

/** `5%`, as a share. */
const percent = written(/^(\d{1,2}(\.\d+)?|100)%$/, 'must be a percentage such as 5%').transform(
  (text) => Number(text.slice(0, -1)) / 100,
);

/** `21:00-08:00`, in minutes after midnight. */
const hours = written(
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

const atLeastOne = z.custom<number>(
  (value) => Number.isSafeInteger(value) && Number(value) >= 1,
  'must be a whole number of at least 1',
);

/** The guards of a campaign, by the names of its flags. */
const guardsShape = z.strictObject({
  canary: atLeastOne.optional(),
  continueAt: percent.optional(),
  pauseAt: percent.optional(),
  quietHours: hours.optional(),
  timeZone: z.string().optional(),
  timeZoneAttribute: z.string().optional(),
  inQuietHours: z.enum(['hold', 'drop']).optional(),
  maxRings: atLeastOne.optional(),
  rungEnough: z.enum(['skip', 'silent', 'hold']).optional(),
  changedOnly: z.boolean().optional(),
});

const sourceShape = z.union(
  [z.string().min(1), z.strictObject({ file: z.string().min(1) })],
  'must be the name of a source, or { file: a path }',
);

const scheduleShape = z.strictObject({
  program: z.string(),
  action: z.enum(campaignActions),
  source: sourceShape,
  cron: z.string(),
  timeZone: z.string().optional(),
  text: z.string().min(1, 'is empty').optional(),
  useBy: duration.optional(),
  guards: guardsShape.optional(),
  where: z.string().optional(),
  skipBadRows: z.boolean().optional(),
  overlap: z.enum(overlapRules).optional(),
  missed: z.enum(missedRules).optional(),
  startWithin: duration.optional(),
  enabled: z.boolean().optional(),
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
