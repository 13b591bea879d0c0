/** Mending before sending again: one failure by its values, a whole cause by a rule with a look at five real jobs. */

import type { FailedJob } from '../../../domain/failures/failed.ts';
import type { EditRule, RulePreview, RuleSample, SentBody } from '../../../domain/failures/edit-rule.ts';
import type { FailureGroup } from '../../../domain/failures/failure-group.ts';
import type { Json } from '../../../domain/jobs/program.ts';
import type { Reader } from '../layout.tsx';
import { ReasonField } from '../parts/confirm.tsx';
import { CsrfField } from '../parts/csrf-field.tsx';
import { number } from '../parts/wording.ts';

interface EditGroupProps {
  group: FailureGroup;
  /** Where the forms are sent. */
  to: string;
  /** As it was typed. */
  rule: { attribute: string; template: string };
  /** Present once a rule was typed. */
  preview?: RulePreview;
  reader: Reader;
}

export function EditGroup({ group: { cause, count }, to, rule, preview, reader }: EditGroupProps) {
  return (
    <>
      <h1>Edit {number(count)} failures and send them again</h1>
      <p>
        <code>{cause.code}</code> {cause.pattern}
      </p>
      <form method="post" action={to} class="card card-body mb-3">
        <CsrfField token={reader.csrfToken} />
        {preview?.ok === true && <input type="hidden" name="shown" value={shownAs(rule)} />}
        <div class="mb-3">
          <label class="form-label" for="attribute">
            Customer attribute, e.g. email
          </label>
          <input
            class="form-control"
            id="attribute"
            name="attribute"
            value={rule.attribute}
            required
            autoComplete="off"
          />
        </div>
        <div class="mb-3">
          <label class="form-label" for="template">
            What it becomes, e.g. {'{{ customer.email | trim | lower }}'}
          </label>
          <textarea class="form-control" id="template" name="template" rows={3}>
            {rule.template}
          </textarea>
        </div>
        <div class="d-flex flex-wrap gap-2">
          <button class="btn" type="submit" name="step" value="preview">
            Show what it does
          </button>
          <a class="btn" href="/failures">
            Back
          </a>
        </div>
        {preview?.ok === false && (
          <p class="alert alert-warning mt-3" role="alert" data-lines>
            {preview.problems.join('\n')}
          </p>
        )}
        {preview?.ok === true && (
          <>
            <h2 class="mt-3">Five real ones, before and after</h2>
            {preview.samples.map((sample) => (
              <BeforeAfter key={sample.job} sample={sample} />
            ))}
            <ReasonField />
            <div>
              <button class="btn btn-primary" type="submit" name="step" value="apply">
                Edit and send again all {number(count)}
              </button>
            </div>
          </>
        )}
      </form>
    </>
  );
}

/** What tells whether a rule is the one that was shown. */
export function shownAs({ attribute, template }: EditGroupProps['rule']): string {
  return JSON.stringify([attribute, template]);
}

function BeforeAfter({ sample: { job, customer, changes, before, after } }: { sample: RuleSample }) {
  return (
    <section class="mb-3" aria-label={job}>
      <h3>
        {customer} <span class="text-secondary">{job}</span>
      </h3>
      {changes.length === 0 && <p>The rule changes nothing here.</p>}
      {changes.map((change) => (
        <p key={change.attribute}>
          {change.attribute}: <del>{JSON.stringify(change.before)}</del> →{' '}
          <ins>{JSON.stringify(change.after)}</ins>
        </p>
      ))}
      <div class="row">
        <Body title="Would be sent as it is" sent={before} />
        <Body title="Would be sent after it" sent={after} />
      </div>
    </section>
  );
}

function Body({ title, sent }: { title: string; sent: SentBody }) {
  return (
    <div class="col-md-6">
      <h4>{title}</h4>
      <pre class="body" tabIndex={0}>
        {sent.ok ? JSON.stringify(sent.body, null, 2) : sent.problem}
      </pre>
    </div>
  );
}

interface EditOneProps {
  record: FailedJob;
  to: string;
  reader: Reader;
}

/** Fields of the form that hold attributes begin like this. */
const FIELD = 'attribute.';

export function EditOne({ record: { job, failure }, to, reader }: EditOneProps) {
  return (
    <>
      <h1>Edit {job.id}</h1>
      <p>{failure.detail}</p>
      <form method="post" action={to} class="card card-body">
        <CsrfField token={reader.csrfToken} />
        {Object.entries(job.customer.ids).map(([type, id]) => (
          <p key={type}>
            {type}: {id}
          </p>
        ))}
        {Object.entries(job.customer.attributes).map(([name, value]) => (
          <div class="mb-3" key={name}>
            <label class="form-label" for={FIELD + name}>
              {name}
            </label>
            <input
              class="form-control"
              id={FIELD + name}
              name={FIELD + name}
              value={typeof value === 'string' ? value : JSON.stringify(value)}
              autoComplete="off"
            />
          </div>
        ))}
        <ReasonField />
        <div>
          <button class="btn btn-primary" type="submit">
            Save and send again
          </button>
        </div>
      </form>
    </>
  );
}

/** The values that were changed in the form; one that was text stays text, and an emptied field takes it away. */
export function changedValues({ job }: FailedJob, form: Readonly<Record<string, unknown>>): EditRule {
  const values: Record<string, Json> = {};
  for (const [name, before] of Object.entries(job.customer.attributes)) {
    const typed = form[FIELD + name];
    if (typeof typed !== 'string') continue;
    if (typeof before === 'string' ? typed === before : typed === JSON.stringify(before)) continue;
    values[name] = typed === '' ? null : typeof before === 'string' ? typed : parsed(typed);
  }
  return { values };
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
