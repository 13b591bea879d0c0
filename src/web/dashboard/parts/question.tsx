/** A page that asks before something is done: what will come of it, and why it is wanted. */

import type { Asked, DashboardScope } from '../page.tsx';
import { Confirm } from './confirm.tsx';

export interface Question<Data> {
  /** Where it is asked and, by a form, answered, e.g. `/campaigns/:id/stop`. */
  path: string;
  /** What it is about; undefined where there is no such thing. */
  load(asked: Asked): Promise<Data | undefined>;
  /** The same address for this one. */
  to(data: Data): string;
  /** Without its question mark. */
  title(data: Data): string;
  label: string;
  tone: 'primary' | 'danger';
  /** Where to go instead. */
  back(data: Data): string;
  means(data: Data): string;
}

/** Adds the page, for operators. The route that takes the answer is the caller's. */
export function addQuestion<Data>(
  addPage: DashboardScope['addPage'],
  { path, load, to, title, label, tone, back, means }: Question<Data>,
): void {
  addPage<Data>({
    path,
    role: 'operator',
    load,
    title,
    fixed: (data, { csrfToken }) => (
      <>
        <h1>{title(data)}?</h1>
        <Confirm to={to(data)} label={label} tone={tone} back={back(data)} csrfToken={csrfToken}>
          <p>{means(data)}</p>
        </Confirm>
      </>
    ),
  });
}
