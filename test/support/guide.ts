/** The exact bodies of Passmachine's integration guide for Bloomreach, and an independent implementation of its snippet. */

const snippet = String.raw`{% set timestamp = time %}{% set timeshift = 604800 %}{% set month = timestamp | from_timestamp('%-m') | int %}{% set weekday = timestamp | from_timestamp('%w') | int %}{% set dayofmonth = timestamp | from_timestamp('%-d') | int %}{% if month < 3 or (month == 3 and dayofmonth < 25) %}{% set timezone_difference = 3600 %}{% elif (month == 3 and weekday < (dayofmonth - 24)) %}{% set timezone_difference = 7200 | int %}{% elif month == 3 %}{% set timezone_difference = 3600 | int %}{% elif month < 10 %}{% set timezone_difference = 7200 | int %}{% elif (month == 10 and weekday < (dayofmonth - 24)) %}{% set timezone_difference = 3600 | int %}{% elif month == 10 %}{% set timezone_difference = 7200 | int %}{% else %}{% set timezone_difference = 3600 | int %}{% endif %}{% set x = timestamp + timezone_difference + timeshift | int %}{% set y = x | string %}{% set t = y.split(\".\") | first | int | from_timestamp(\"%d-%m-%Y %H:%M:%S\") %}{{ t }}`;

/** The guide's "Card setup". */
export const guideCreate = String.raw`{
"templateId": "temple_id_passmachine",
"templateVariables": {
"kpFirstName": "{{ customer.first_name }}",
"kpLastName": "{{ customer.last_name }}",
"kpCardNumber": "{{ customer.id }}",
"kpDiscountCode": "SALE123",
"fieldValue": "NOTIFICATION",
"changeMessage": "${snippet}"
},
"metadata": {
"email": "{{ customer.email }}",
"registered": "{{ customer_ids.registered }}"
}
}`;

/** "Notification setup". */
export const guideNotify = String.raw`[
{
"op": "replace",
"path": "/templateVariables/fieldValue",
"value": "NOTIFICATION"
},
{
"op": "replace",
"path": "/templateVariables/changeMessage",
"value": "${snippet}"
}
]`;

/** "Save card data". */
export const guideAttributes = String.raw`{
"passmachine_pass_id": "{{ webhook.data.id }}",
"passmachine_pass_link": "{{ webhook.data.ro.microsite.url }}",
"passmachine_pass_gendate": "{{time}}"
}`;

/** Returns the "Card setup" body as Bloomreach sends it for one customer. */
export function renderedCreate(registered: string, firstName = 'Žofie'): string {
  return render(guideCreate, {
    '{{ customer.first_name }}': firstName,
    '{{ customer.last_name }}': 'Nováková',
    '{{ customer.id }}': '007',
    '{{ customer.email }}': `${registered}@example.com`,
    '{{ customer_ids.registered }}': registered,
    [snippet]: '30-11-2026 15:04:05',
  });
}

/** Returns the "Notification setup" body with a text, as Bloomreach sends it. */
export function renderedNotify(text: string): string {
  return render(guideNotify, { NOTIFICATION: text, [snippet]: '30-11-2026 15:04:05' });
}

/** Replaces placeholders, and adds a final newline. */
function render(body: string, values: Readonly<Record<string, string>>): string {
  const rendered = Object.entries(values).reduce(
    (text, [placeholder, value]) => text.replaceAll(placeholder, () => value),
    body,
  );
  return `${rendered}\n`;
}

/** The template of `changeMessage`, parsed from JSON. */
export const guideChangeMessage = JSON.parse(`"${snippet}"`) as string;

const HOUR = 3600;
const WEEK = 604_800;

/** Computes the snippet's output by its own, slightly wrong daylight saving rule. `time` in unix seconds. */
export function snippetByHand(time: number): string {
  const now = new Date(time * 1000);
  const month = now.getUTCMonth() + 1;
  const day = now.getUTCDate();
  const lastWeek = now.getUTCDay() < day - 24;
  let offset = HOUR;
  if (month > 3 && month < 10) offset = 2 * HOUR;
  if (month === 3 && day >= 25 && lastWeek) offset = 2 * HOUR;
  if (month === 10 && !lastWeek) offset = 2 * HOUR;
  const [date = '', clock = ''] = new Date(Math.floor(time + offset + WEEK) * 1000).toISOString().split('T');
  return `${date.split('-').toReversed().join('-')} ${clock.slice(0, 8)}`;
}

/** Returns the unix seconds of an ISO time. */
export function at(iso: string): number {
  return Date.parse(iso) / 1000;
}

/** Returns times around every clock change of 2025 to 2030 in Europe (01:00 UTC on a last Sunday), and on other days. */
export function criticalTimes(): number[] {
  const changes = [2025, 2026, 2027, 2028, 2029, 2030].flatMap((year) => [
    lastSunday(year, 2),
    lastSunday(year, 9),
  ]);
  const around = changes.flatMap((change) =>
    Array.from({ length: 60 }, (_, step) => change + (step - 30) * HOUR + step * 7),
  );
  const ordinary = Array.from(
    { length: 72 },
    (_, step) => at('2025-01-01T00:00:00Z') + step * 30.4 * 24 * HOUR,
  );
  return [...around, ...ordinary];
}

/** Returns 01:00 UTC on the last Sunday of a month (0 = January) with 31 days. */
export function lastSunday(year: number, month: number): number {
  const end = new Date(Date.UTC(year, month, 31, 1));
  return end.getTime() / 1000 - end.getUTCDay() * 24 * HOUR;
}
