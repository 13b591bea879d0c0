/** Compares two versions of a program on the customers of a source: what a change of the programs file does to their cards. */

import type { DiffExample, FieldChange, ProgramDiff, SectionDiff } from '../domain/campaigns/program-diff.ts';
import type { Source } from '../domain/campaigns/source-row.ts';
import { type Customer, customerKey, type PassAction } from '../domain/jobs/pass-job.ts';
import {
  type Json,
  type Program,
  type Rendered,
  SAMPLE_VOUCHER,
  templateOf,
  whyUnrendered,
} from '../domain/jobs/program.ts';
import { makeBreather } from './breather.ts';

const MAX_EXAMPLES = 5;
/** In place of a campaign's text. */
const SAMPLE_TEXT = 'TEXT';
const actions = ['create', 'update', 'notify'] as const satisfies PassAction[];

/** Renders both versions for every row of the source, as if at `now` (ms). Throws as the source does. */
export async function diffPrograms(
  source: Pick<Source, 'rows'>,
  { before, after, now }: { before: Program; after: Program; now: number },
): Promise<ProgramDiff> {
  const [older, newer] = [sectionsOf(before), sectionsOf(after)];
  const common = older.filter((action) => newer.includes(action));
  const sections = common.map((action) => makeSectionDiff(before, after, action, now));
  let [rows, unreadable] = [0, 0];
  const breathe = makeBreather();
  for await (const chunk of source.rows()) {
    for (const row of chunk) {
      rows += 1;
      if (row.ok) for (const section of sections) section.compare(row.customer);
      else unreadable += 1;
      const breath = breathe();
      if (breath !== undefined) await breath;
    }
  }
  return {
    rows,
    unreadable,
    sections: sections.map(({ found }) => found),
    added: newer.filter((action) => !older.includes(action)),
    removed: older.filter((action) => !newer.includes(action)),
  };
}

function sectionsOf(program: Program): PassAction[] {
  return actions.filter((action) => templateOf(program, action) !== undefined);
}

function makeSectionDiff(before: Program, after: Program, section: PassAction, now: number) {
  const found: SectionDiff = {
    section,
    changed: 0,
    losesField: 0,
    nowRefused: 0,
    nowAccepted: 0,
    examples: [],
  };
  const render = (program: Program, { attributes, ids }: Customer): Rendered | undefined =>
    templateOf(program, section)?.render({
      customer: attributes,
      customer_ids: ids,
      time: Math.floor(now / 1000),
      ...(section === 'create' ? { voucher: SAMPLE_VOUCHER } : { text: SAMPLE_TEXT }),
    });

  const addExample = (customer: Customer, what: Omit<DiffExample, 'customer'>) => {
    if (found.examples.length < MAX_EXAMPLES)
      found.examples.push({ customer: customerKey(customer), ...what });
  };

  const compareFields = (customer: Customer, from: Json, to: Json) => {
    const fields = changesOf(fieldsOf(from), fieldsOf(to));
    if (fields.length === 0) return;
    found.changed += 1;
    if (fields.some((field) => (field.from ?? '') !== '' && (field.to ?? '') === '')) found.losesField += 1;
    addExample(customer, { fields });
  };

  const compare = (customer: Customer) => {
    const [from, to] = [render(before, customer), render(after, customer)];
    if (from === undefined || to === undefined) return;
    if (from.ok && to.ok) return compareFields(customer, from.body, to.body);
    if (from.ok && !to.ok) {
      found.nowRefused += 1;
      addExample(customer, { refused: { by: 'new', why: whyUnrendered(to) } });
    } else if (!from.ok && to.ok) {
      found.nowAccepted += 1;
      addExample(customer, { refused: { by: 'old', why: whyUnrendered(from) } });
    }
  };

  return { found, compare };
}

/** Returns the fields of a body by their paths, as text. The operations of a JSON Patch are named by theirs. */
function fieldsOf(body: Json, path = ''): Map<string, string> {
  if (body === null || typeof body !== 'object') {
    return new Map([[path, typeof body === 'string' ? body : JSON.stringify(body)]]);
  }
  if (Array.isArray(body)) {
    return merged(
      body.map((item, index) =>
        isOperation(item) ? operationFields(item) : fieldsOf(item, `${path}/${index}`),
      ),
    );
  }
  return merged(Object.entries(body).map(([name, value]) => fieldsOf(value, `${path}/${name}`)));
}

type Operation = Readonly<Record<string, Json>> & { path: string };

function isOperation(item: Json): item is Operation {
  return (
    typeof item === 'object' && item !== null && !Array.isArray(item) && typeof item['path'] === 'string'
  );
}

/** A `remove` has no value, so what it does stands for it. */
function operationFields({ path, op = '', value }: Operation): Map<string, string> {
  return value === undefined ? new Map([[path, typeof op === 'string' ? op : '']]) : fieldsOf(value, path);
}

function merged(maps: readonly Map<string, string>[]): Map<string, string> {
  return new Map(maps.flatMap((map) => [...map]));
}

function changesOf(before: Map<string, string>, after: Map<string, string>): FieldChange[] {
  const changes: FieldChange[] = [];
  for (const path of new Set([...before.keys(), ...after.keys()])) {
    const [from, to] = [before.get(path), after.get(path)];
    if (from === to) continue;
    changes.push({ path, ...(from !== undefined && { from }), ...(to !== undefined && { to }) });
  }
  return changes;
}
