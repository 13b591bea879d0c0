/** Pages that ask for confirmation and a reason before an action on one object. */

import type { PageParams } from './live-topics.ts';
import type { DashboardScope } from './page.tsx';
import { Confirm } from './parts/forms.tsx';

interface ConfirmationPage<Data> {
  /** Route of the page, and of the POST that the caller must add, e.g. `/campaigns/:id/stop`. */
  route: string;
  /** Loads the object of the action; undefined if it does not exist. */
  load(params: PageParams): Promise<Data | undefined>;
  /** Path of the route for this object. */
  to(data: Data): string;
  /** Without a question mark. */
  title(data: Data): string;
  label: string;
  tone: 'primary' | 'danger';
  back(data: Data): string;
  /** What the action will do. */
  consequence(data: Data): string;
}

/** Adds a page, for operators, that asks before an action. */
export function addConfirmationPage<Data>(
  addPage: DashboardScope['addPage'],
  { route, load, to, title, label, tone, back, consequence }: ConfirmationPage<Data>,
): void {
  addPage<Data>({
    route,
    role: 'operator',
    load,
    title,
    fixed: (data, { csrfToken }) => (
      <>
        <h1>{title(data)}?</h1>
        <Confirm to={to(data)} label={label} tone={tone} back={back(data)} csrfToken={csrfToken}>
          <p>{consequence(data)}</p>
        </Confirm>
      </>
    ),
  });
}
