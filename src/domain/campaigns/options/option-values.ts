/**
 * Parses the value of an option, by its kind. Text is accepted from every surface, and typed values, such as
 * the numbers of YAML and JSON, if they can only mean one thing. A share is always text: 5 could be 5 % or 500 %.
 */

import { DateTime } from 'luxon';
import { z } from 'zod';
import { isZone } from '../safeguards/quiet-hours.ts';
import type { HourRange, OptionSpec, ValueOf } from './option.ts';

/** A schema whose JSON Schema is given, because one cannot be derived from a predicate. */
const checked = <In>(accepts: (value: unknown) => boolean, problem: string, schema: z.core.GlobalMeta) =>
  z.custom<In>(accepts, problem).meta(schema);

const matching = (pattern: RegExp, problem: string) =>
  checked<string>((value) => typeof value === 'string' && pattern.test(value), problem, {
    type: 'string',
    pattern: pattern.source,
  });

const notEmpty = z
  .custom<string>((value) => typeof value === 'string', 'must be text')
  .meta({ type: 'string' })
  .refine((value) => value.trim() !== '', 'is empty');

const text = (maxLength: number) =>
  notEmpty.superRefine((value, context) => {
    if (value.length <= maxLength) return;
    const message = `has ${value.length} characters, and a card shows ${maxLength} at most`;
    context.addIssue({ code: 'custom', message });
  });

const count = (max = Number.MAX_SAFE_INTEGER) => {
  const range = max === Number.MAX_SAFE_INTEGER ? 'of at least 1' : `from 1 to ${max}`;
  const inRange = (value: number) => Number.isSafeInteger(value) && value >= 1 && value <= max;
  return checked<number | string>(
    (value) =>
      typeof value === 'string'
        ? /^\d+$/.test(value) && inRange(Number(value))
        : inRange(Number(value)) && typeof value === 'number',
    `must be a whole number ${range}`,
    {
      anyOf: [
        { type: 'integer', minimum: 1, ...(max !== Number.MAX_SAFE_INTEGER && { maximum: max }) },
        { type: 'string', pattern: '^\\d+$' },
      ],
    },
  ).transform(Number);
};

const share = matching(/^(\d{1,2}(\.\d+)?|100)\s*%?$/, 'must be a percentage such as 5%').transform(
  (value) => Number(value.replace('%', '')) / 100,
);

const partialShare = share.refine(
  (value) => value > 0 && value < 1,
  'must be above 0% and below 100%: omit it to send to every customer',
);

const name = matching(
  /^[\w-]{1,64}$/,
  'must be a name of up to 64 letters, digits, hyphens and underscores, such as spring',
);

const timeOfDay = String.raw`([01]?\d|2[0-3]):([0-5]\d)`;

const hours = matching(
  new RegExp(`^${timeOfDay}-${timeOfDay}$`),
  'must be two times of day such as 21:00-08:00',
)
  .transform((value): HourRange => {
    const [from = 0, to = 0] = value.split('-').map((part) => {
      const [hour = 0, minute = 0] = part.split(':').map(Number);
      return hour * 60 + minute;
    });
    return { from, to };
  })
  .refine(({ from, to }) => from !== to, 'must be two different times of day');

const zone = notEmpty.refine(isZone, 'must be a time zone such as Europe/Prague');

/**
 * `timeZone` is that of a time without an offset. Such a time is moved by an hour if the clock skips it, and means the first
 * of two.
 */
const instant = (timeZone: string) =>
  notEmpty
    .transform((value) => {
      const time = DateTime.fromISO(value, { zone: timeZone });
      return { time, first: hasOffset(value) ? time : (time.getPossibleOffsets()[0] ?? time) };
    })
    .refine(({ time }) => time.isValid, 'must be a time such as 2026-12-24T18:00 or 2026-12-24T18:00+01:00')
    .transform(({ first }) => first.toMillis());

/** Of a date and time; a date alone ends like an offset. */
function hasOffset(time: string): boolean {
  return time.toUpperCase().includes('T') && /(?:Z|[+-]\d{2}(?::?\d{2})?)$/i.test(time);
}

/** Parses a time that is given outside a start, in ms since 1970. `timeZone` is that of a time without an offset. */
export function parseInstant(
  given: string,
  timeZone: string,
): { ok: true; at: number } | { ok: false; problem: string } {
  const parsed = instant(timeZone).safeParse(given);
  if (parsed.success) return { ok: true, at: parsed.data };
  return { ok: false, problem: parsed.error.issues[0]?.message ?? 'is no time' };
}

/** `on` is what a browser sends for a ticked box. */
const onOff = checked<boolean | 'on'>(
  (value) => typeof value === 'boolean' || value === 'on',
  'must be true or false',
  { type: 'boolean' },
).transform((value) => value !== false);

const choice = (choices: readonly [string, ...string[]]) =>
  z.enum(choices, { error: () => `must be one of ${choices.join(', ')}` });

const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `90s`, `15m`, `8h` or `2d`, in milliseconds. */
export const duration = matching(
  /^[1-9]\d{0,5}[smhd]$/,
  'must be a duration such as 90s, 15m, 8h or 2d',
).transform((value) => Number(value.slice(0, -1)) * UNITS_MS[value.slice(-1) as keyof typeof UNITS_MS]);

function schemaFor(spec: OptionSpec, timeZone: string): z.ZodType {
  switch (spec.kind) {
    case 'text':
      return text(spec.maxLength);
    case 'condition':
    case 'attribute':
      return notEmpty;
    case 'count':
      return count(spec.max);
    case 'share':
      return spec.exclusive === true ? partialShare : share;
    case 'name':
      return name;
    case 'hours':
      return hours;
    case 'zone':
      return zone;
    case 'instant':
      return instant(timeZone);
    case 'duration':
      return duration;
    case 'switch':
      return onOff;
    case 'choice':
      return choice(spec.choices);
  }
}

/** Returns the schema of an option's value. `timeZone` is that of times without an offset. */
export function valueSchema<S extends OptionSpec>(spec: S, timeZone: string): z.ZodType<ValueOf<S>> {
  // The switch pairs each kind with the schema of its value; the compiler cannot follow it per key.
  return schemaFor(spec, timeZone) as z.ZodType<ValueOf<S>>;
}
