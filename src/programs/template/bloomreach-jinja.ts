/** What Bloomreach's Jinja has and passbridge does not, and the nearest thing that works. */

const asColumn =
  'it is worked out in Bloomreach: add it to the export as a column, and write {{ customer.NAME }}';

const ADVICE: Readonly<Record<string, string>> = {
  aggregates: asColumn,
  expressions: asColumn,
  segmentations: asColumn,
  predictions: asColumn,
  consents: asColumn,
  recommendations: asColumn,
  recommendation: asColumn,
  catalogs: asColumn,
  event: 'there is no event behind a campaign: send what it holds as an attribute, {{ customer.NAME }}',
  vouchers: 'name a file of codes under vouchers in the program, and write {{ voucher }}',
  customers: 'passbridge makes one call for each customer: write {{ customer.NAME }}',
  customer_id: 'write {{ customer_ids.registered }}',
  project: 'write the name itself',
  scenario: 'write the name itself',
  campaign: 'write the name itself',
  action: 'write the name itself',
  banner: 'write the name itself',
  output: 'passbridge makes one call for each customer: paste what is sent for one',
  now: 'write {{ time }}, in unix seconds',
  to_timestamp: 'have the attribute as unix seconds in the export; {{ time }} is the time of now',
  timestamp: "{{ time }} is the time of now, and from_timestamp('%d-%m-%Y') prints it",
  strftime: "write from_timestamp('%d-%m-%Y'), which takes strftime's letters",
  format_datetime: "write from_timestamp('%d-%m-%Y %H:%M')",
  format_date: "write from_timestamp('%d-%m-%Y')",
  format_time: "write from_timestamp('%H:%M')",
  datetimeformat: "write from_timestamp('%d-%m-%Y %H:%M')",
  to_json: 'a value alone in its quotes keeps its type: leave the filter out',
  json: 'a value alone in its quotes keeps its type: leave the filter out',
  sha256: "write hash('sha256')",
  md5: "write hash('md5')",
  tojson: 'a value alone in its quotes keeps its type: leave the filter out',
};

/** The same problem with the nearest thing that works, where Bloomreach would have known the name. */
export function advise(problem: string): string {
  const name = /\bunknown (?:variable|filter|function|test|statement) `?(\w+)/.exec(problem)?.[1] ?? '';
  const advice = Object.hasOwn(ADVICE, name) ? ADVICE[name] : undefined;
  if (advice !== undefined) return `${problem.replace(/, did you mean .*$| \(at .*\)$/, '')}: ${advice}`;
  // Bloomreach can name the webhook whose answer is meant; here there is one.
  return /webhook/.test(problem) && /call|function|method/.test(problem)
    ? `${problem}: there is one answer here, write {{ webhook.data.id }}`
    : problem;
}
