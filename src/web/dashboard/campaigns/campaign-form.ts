/** What somebody asks of a campaign by filling in a form: every field is text, and an empty one asks for nothing. */

import { DateTime } from 'luxon';
import { z } from 'zod';
import type { CampaignOrder } from '../../../domain/campaigns/campaign.ts';
import { guardsOf } from '../../../domain/campaigns/guard-options.ts';
import { atLeastOne, hours, percent } from '../../../programs/file/schedule-shape.ts';

/** Characters of any one field. */
const LONGEST_FIELD = 2000;

const count = z
  .string()
  .transform((text) => Number(text))
  .pipe(atLeastOne);
/** With or without its sign. */
const share = z
  .string()
  .transform((text) => `${text.replace(/\s*%$/, '')}%`)
  .pipe(percent);
const tick = z.literal('on').transform(() => true as const);

const shape = z.object({
  text: z.string().max(LONGEST_FIELD, 'is too long').optional(),
  where: z.string().max(LONGEST_FIELD, 'is too long').optional(),
  useBy: z.string().optional(),
  canary: count.optional(),
  continueAt: share.optional(),
  pauseAt: share.optional(),
  quietHours: hours.optional(),
  inQuietHours: z.enum(['hold', 'drop']).optional(),
  maxNotificationsPerDay: count.optional(),
  overLimit: z.enum(['skip', 'silent', 'hold']).optional(),
  changedOnly: tick.optional(),
  skipBadRows: tick.optional(),
});

/** The fields as the form labels them. */
const labels: Readonly<Record<string, string>> = {
  text: 'Text',
  where: 'Condition',
  useBy: 'Send nothing after',
  canary: 'Canary',
  continueAt: 'Continue at',
  pauseAt: 'Pause at',
  quietHours: 'Quiet hours',
  maxNotificationsPerDay: 'Rings in 24 hours',
  changedOnly: 'Leave alone whose card would show the same',
  skipBadRows: 'Start although some rows cannot be read',
};

/** A refusal that names flags of the command line, as somebody reads it who has a form before them. */
export function inWordsOfForm(message: string): string {
  return message.replaceAll(/--([a-z-]+)( "…")?/g, (flag, name: string) => {
    const field = name.replaceAll(/-(.)/g, (_dash, letter: string) => letter.toUpperCase());
    return Object.hasOwn(labels, field) ? `“${nameOf(field)}”` : flag;
  });
}

export type FormOptions = Pick<CampaignOrder, 'text' | 'useBy' | 'guards' | 'where'>;

/** What was asked for, or what is wrong with it, a line each. `timeZone` is that of times without one. */
export function readCampaignForm(
  form: Readonly<Record<string, string>>,
  timeZone: string,
): { ok: true; options: FormOptions; skipBadRows: boolean } | { ok: false; problems: string[] } {
  const filled = Object.fromEntries(Object.entries(form).filter(([, value]) => value.trim() !== ''));
  const read = shape.safeParse(filled);
  if (!read.success) {
    return {
      ok: false,
      problems: read.error.issues.map(({ path, message }) => `${nameOf(path[0])} ${message}`),
    };
  }
  const { text, where, useBy, skipBadRows = false, ...guards } = read.data;
  const end = useBy === undefined ? undefined : DateTime.fromISO(useBy, { zone: timeZone });
  if (end?.isValid === false) {
    return { ok: false, problems: [`${nameOf('useBy')} must be a time such as 2026-12-24T18:00`] };
  }
  return {
    ok: true,
    skipBadRows,
    options: {
      ...(text !== undefined && { text }),
      ...(where !== undefined && { where }),
      ...(end !== undefined && { useBy: end.toMillis() }),
      guards: guardsOf(guards, timeZone),
    },
  };
}

function nameOf(field: PropertyKey | undefined): string {
  return labels[String(field)] ?? String(field);
}
