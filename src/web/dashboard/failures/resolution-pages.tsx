/** What became of the card ids that an operator entered for unknown creates, and the form for a CSV of them. */

import {
  MAX_RESOLUTIONS,
  NO_CARD,
  type Resolution,
  type ResolutionReport,
} from '../../../domain/failures/resolution.ts';
import { formatCount } from '../../../domain/presentation/format.ts';
import { routes } from '../../paths.ts';
import type { Viewer } from '../layout.tsx';
import { CsrfField, ReasonField } from '../parts/forms.tsx';

/** Starts the name of the field for the card of a job; the job's id follows. */
export const CARD_PREFIX = 'card:';

export const MAX_CARD_LENGTH = 200;

/** Returns the statements of a form with a field for each card; empty fields make none. */
export function enteredResolutions(form: Readonly<Record<string, unknown>>): Resolution[] {
  const cards = Object.entries(form).flatMap(([name, value]) =>
    name.startsWith(CARD_PREFIX) && typeof value === 'string' && value.trim() !== ''
      ? [[name.slice(CARD_PREFIX.length), value.trim()] as const]
      : [],
  );
  return cards.map(([job, passId], index) => ({ line: index + 1, job, passId }));
}

/** A form for a pasted CSV. */
export function CsvForm({ viewer }: { viewer: Viewer }) {
  return (
    <>
      <h1>Resolve unknown outcomes</h1>
      <form method="post" action={routes.unknownResolve} class="card narrow">
        <CsrfField token={viewer.csrfToken} />
        <label for="csv">CSV with a header, up to {MAX_RESOLUTIONS} lines</label>
        <textarea class="monospace" id="csv" name="csv" rows={12} required placeholder="customer,pass_id" />
        <p>
          Columns: <code>pass_id</code>, and <code>job</code> or <code>customer</code>; others are ignored.
          Write <code>{NO_CARD}</code> as the card id if Passmachine has no card: then it is created again.
        </p>
        <ReasonField />
        <div class="actions">
          <button type="submit" class="btn btn-primary">
            Resolve
          </button>
          <button type="submit" class="btn" name="action" value="check">
            Check only
          </button>
          <a class="btn" href={routes.unknownOutcomes}>
            Cancel
          </a>
        </div>
      </form>
    </>
  );
}

interface ConfirmProps {
  to: string;
  viewer: Viewer;
}

/** Asks before the cards of the selected jobs are created again. */
export function ConfirmCreateAgain({ jobs, ...props }: ConfirmProps & { jobs: readonly string[] }) {
  const fields = jobs.map((job) => [`${CARD_PREFIX}${job}`, NO_CARD] as const);
  return <SecondCardsWarning count={jobs.length} fields={fields} {...props} />;
}

/** Asks before the cards are created again of which a CSV says that Passmachine has none. */
export function ConfirmCsv({ csv, count, ...props }: ConfirmProps & { csv: string; count: number }) {
  return <SecondCardsWarning count={count} fields={[['csv', csv]]} {...props} />;
}

interface WarningProps extends ConfirmProps {
  count: number;
  /** What the form sends on, by name. */
  fields: readonly (readonly [name: string, value: string])[];
}

function SecondCardsWarning({ count, fields, to, viewer }: WarningProps) {
  return (
    <>
      <h1>Create {formatCount(count, 'card')} again?</h1>
      <form method="post" action={to} class="card narrow">
        <CsrfField token={viewer.csrfToken} />
        {fields.map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        <input type="hidden" name="createAgain" value="yes" />
        <p class="alert alert-danger" role="alert">
          Some of these customers may already have a card. They would get a second one.
        </p>
        <ReasonField />
        <div class="actions">
          <button type="submit" class="btn btn-danger">
            Create again anyway
          </button>
          <a class="btn" href={routes.unknownOutcomes}>
            Cancel
          </a>
        </div>
      </form>
    </>
  );
}

/** The result of each line, refused ones first. */
export function ReportPage({ report }: { report: ResolutionReport }) {
  const { results, done, createdAgain, refused, dryRun } = report;
  const sorted = results.toSorted((a, b) => Number(a.ok) - Number(b.ok));
  return (
    <>
      <h1>{dryRun ? 'Check of unknown outcomes' : 'Resolved unknown outcomes'}</h1>
      <p role="status">
        {dryRun ? 'Nothing was changed. ' : ''}
        {formatCount(done, 'create')} done · {createdAgain} created again · {refused} refused
      </p>
      <p>
        <a href={routes.unknownOutcomes}>Unknown outcomes</a>
      </p>
      <div class="table-scroll" tabIndex={0} role="region" aria-label="Results">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">Line</th>
              <th scope="col">Job or customer</th>
              <th scope="col">Card id</th>
              <th scope="col">Result</th>
            </tr>
          </thead>
          <tbody>
            {sorted.map((result) => (
              <tr key={result.line}>
                <td>{result.line}</td>
                <td>{result.job || result.customer}</td>
                <td>{result.passId}</td>
                <td>{result.ok ? labels[result.outcome] : `Refused: ${result.reason}.`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

const labels = { done: 'Done', 'created-again': 'Created again' } as const;
