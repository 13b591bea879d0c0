/** Edit and retry: a whole cause by a rule with a preview of five jobs, or the values of one failure. */

import {
  CHANGES_NOTHING,
  type RulePreview,
  type RuleSample,
  type SentBody,
} from '../../../domain/failures/edit-rule.ts';
import type { FailedJob } from '../../../domain/failures/failed.ts';
import type { FailureGroup } from '../../../domain/failures/failure-group.ts';
import type { Json } from '../../../domain/jobs/program.ts';
import { formatCount, formatNumber } from '../../../domain/presentation/format.ts';
import { parseExactJson } from '../../../kit/json/exact-json.ts';
import { routes } from '../../paths.ts';
import type { Viewer } from '../layout.tsx';
import { CsrfField, ReasonField } from '../parts/forms.tsx';

interface EditGroupProps {
  group: FailureGroup;
  /** Path that the form is sent to. */
  to: string;
  /** As typed. */
  rule: { attribute: string; template: string };
  /** Absent before a rule was typed. */
  preview?: RulePreview;
  viewer: Viewer;
}

export function EditGroup({ group: { cause, count }, to, rule, preview, viewer }: EditGroupProps) {
  return (
    <>
      <h1>Edit and retry {formatCount(count, 'failure')}</h1>
      <p>
        <code>{cause.code}</code> {cause.pattern}
      </p>
      <form method="post" action={to} class="card narrow">
        <CsrfField token={viewer.csrfToken} />
        {preview?.ok === true && !preview.changesNothing && (
          <input type="hidden" name="previewed" value={fingerprintOf(rule)} />
        )}
        <div class="field">
          <label for="attribute">Customer attribute, e.g. email</label>
          <input id="attribute" name="attribute" value={rule.attribute} required autoComplete="off" />
        </div>
        <div class="field">
          <label for="template">New value, e.g. {'{{ customer.email | trim | lower }}'}</label>
          <textarea id="template" name="template" rows={3}>
            {rule.template}
          </textarea>
        </div>
        <div class="actions">
          <button class="btn" type="submit" name="step" value="preview">
            Preview
          </button>
          <a class="btn" href={routes.attention}>
            Cancel
          </a>
        </div>
        {preview?.ok === false && (
          <p class="alert alert-warning" role="alert" data-lines>
            {preview.problems.join('\n')}
          </p>
        )}
        {preview?.ok === true && (
          <>
            <h2>Preview on {formatCount(preview.samples.length, 'customer')}</h2>
            {preview.samples.map((sample) => (
              <BeforeAfter key={sample.job} sample={sample} />
            ))}
            {preview.changesNothing ? (
              <p class="alert alert-warning" role="alert">
                {CHANGES_NOTHING}
              </p>
            ) : (
              <>
                <ReasonField />
                <div>
                  <button class="btn btn-primary" type="submit" name="step" value="apply">
                    Edit and retry all {formatNumber(count)}
                  </button>
                </div>
              </>
            )}
          </>
        )}
      </form>
    </>
  );
}

/** Identifies a rule, to check that the rule that is applied is the one that was previewed. */
export function fingerprintOf({ attribute, template }: EditGroupProps['rule']): string {
  return JSON.stringify([attribute, template]);
}

function BeforeAfter({ sample: { job, customer, changes, before, after } }: { sample: RuleSample }) {
  return (
    <section class="stack-tight" aria-label={job}>
      <h3>
        {customer} <span class="muted">{job}</span>
      </h3>
      {changes.length === 0 && <p>No change.</p>}
      {changes.map((change) => (
        <p key={change.attribute}>
          {change.attribute}: <del>{JSON.stringify(change.before)}</del> →{' '}
          <ins>{JSON.stringify(change.after)}</ins>
        </p>
      ))}
      <div class="columns">
        <Body title="Request before" sent={before} />
        <Body title="Request after" sent={after} />
      </div>
    </section>
  );
}

function Body({ title, sent }: { title: string; sent: SentBody }) {
  return (
    <div>
      <h4>{title}</h4>
      <pre tabIndex={0}>{sent.ok ? JSON.stringify(sent.body, null, 2) : sent.problem}</pre>
    </div>
  );
}

interface EditOneProps {
  record: FailedJob;
  /** Path that the form is sent to. */
  to: string;
  viewer: Viewer;
}

/** Prefix of form fields that hold attributes. */
const FIELD_PREFIX = 'attribute.';

export function EditOne({ record: { job, failure }, to, viewer }: EditOneProps) {
  return (
    <>
      <h1>Edit {job.id}</h1>
      <p>{failure.detail}</p>
      <form method="post" action={to} class="card narrow">
        <CsrfField token={viewer.csrfToken} />
        {Object.entries(job.customer.ids).map(([type, id]) => (
          <p key={type}>
            {type}: {id}
          </p>
        ))}
        {Object.entries(job.customer.attributes).map(([name, value]) => (
          <div class="field" key={name}>
            <label for={FIELD_PREFIX + name}>{name}</label>
            <input
              id={FIELD_PREFIX + name}
              name={FIELD_PREFIX + name}
              value={typeof value === 'string' ? value : JSON.stringify(value)}
              autoComplete="off"
            />
          </div>
        ))}
        <ReasonField />
        <div>
          <button class="btn btn-primary" type="submit">
            Save and retry
          </button>
        </div>
      </form>
    </>
  );
}

/**
 * Returns the values that were changed in the form. A text stays a text, other values are read as JSON,
 * and an emptied field removes the attribute.
 */
export function changedValues(
  { job }: FailedJob,
  form: Readonly<Record<string, unknown>>,
): { values: Record<string, Json> } {
  const values: Record<string, Json> = {};
  for (const [name, before] of Object.entries(job.customer.attributes)) {
    const typed = form[FIELD_PREFIX + name];
    if (typeof typed !== 'string') continue;
    if (typeof before === 'string' ? typed === before : typed === JSON.stringify(before)) continue;
    values[name] = typed === '' ? null : typeof before === 'string' ? typed : parseJson(typed);
  }
  return { values };
}

/** Text that is not JSON is taken as a string. */
function parseJson(text: string): Json {
  try {
    return parseExactJson(text) as Json;
  } catch {
    return text;
  }
}
