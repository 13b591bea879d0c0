/** The pages of what needs attention: failures and unknown outcomes, each as a list of causes. */

import { hasRole } from '../../../domain/operators/operator.ts';
import type { FailureGroup } from '../../../domain/failures/failure-group.ts';
import { systemClock } from '../../../kit/clock.ts';
import { pathTo, routes } from '../../paths.ts';
import type { FailureService } from '../dashboard-service.ts';
import type { Viewer } from '../layout.tsx';
import type { PageParams } from '../live-topics.ts';
import type { DashboardScope } from '../page.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { GroupCard } from './group-card.tsx';

/** Adds the pages to a guarded scope. */
export function addAttentionPages(
  { addPage }: DashboardScope,
  service: Pick<FailureService, 'groups'>,
): void {
  const loadGroups = async ({ query: { campaign, code } }: PageParams) => ({
    groups: await service.groups({ campaign, code }),
    campaign,
    code,
    now: systemClock(),
  });
  type Groups = Awaited<ReturnType<typeof loadGroups>>;

  addPage<Groups>({
    route: routes.attention,
    title: () => 'Needs attention',
    load: loadGroups,
    live: ({ groups, ...rest }, viewer) => (
      <>
        <h1>Needs attention{describeFilter(rest)}</h1>
        <AttentionTabs groups={groups} {...rest} current={routes.attention} />
        <ClearFilters isFiltered={describeFilter(rest) !== ''} to={routes.attention} />
        {groups.every(({ unknown }) => unknown) && (
          <p class="card table-empty" role="status">
            No failures.
          </p>
        )}
        <Cards groups={groups.filter(({ unknown }) => !unknown)} {...rest} viewer={viewer} />
      </>
    ),
  });

  addPage<Groups>({
    route: routes.unknownOutcomes,
    title: () => 'Unknown outcomes',
    load: loadGroups,
    live: ({ groups, ...rest }, viewer) => (
      <>
        <h1>Needs attention{describeFilter(rest)}</h1>
        <AttentionTabs groups={groups} {...rest} current={routes.unknownOutcomes} />
        <p class="lede">
          No reply arrived for these calls, so a card may exist. They end automatically when Passmachine sends
          an event about the card. Until then, search for them in Passmachine: enter the id of a card that
          exists, or create the card again.
        </p>
        {groups.some(({ unknown }) => unknown) && hasRole(viewer.operator.role, 'operator') && (
          <p>
            <a class="btn" href={routes.unknownResolve}>
              Resolve from a CSV…
            </a>
          </p>
        )}
        {groups.every(({ unknown }) => !unknown) && (
          <p class="card table-empty" role="status">
            No unknown outcomes.
          </p>
        )}
        <ClearFilters isFiltered={describeFilter(rest) !== ''} to={routes.unknownOutcomes} />
        <Cards groups={groups.filter(({ unknown }) => unknown)} {...rest} viewer={viewer} />
      </>
    ),
  });
}

/** Completes a heading with the code and the campaign that the list is filtered by. */
function describeFilter({
  campaign,
  code,
}: {
  campaign: string | undefined;
  code: string | undefined;
}): string {
  return `${code === undefined ? '' : `: ${code}`}${campaign === undefined ? '' : ` of ${campaign}`}`;
}

function ClearFilters({ isFiltered, to }: { isFiltered: boolean; to: string }) {
  if (!isFiltered) return null;
  return (
    <p>
      <a href={to}>Clear filters</a>
    </p>
  );
}

interface AttentionTabsProps {
  groups: readonly FailureGroup[];
  campaign: string | undefined;
  code: string | undefined;
  /** Route of the current page. */
  current: typeof routes.attention | typeof routes.unknownOutcomes;
}

/** Both lists with the number of customers in each; the filter stays the same. */
function AttentionTabs({ groups, campaign, code, current }: AttentionTabsProps) {
  const total = (isUnknown: boolean) =>
    groups.filter(({ unknown }) => unknown === isUnknown).reduce((sum, { count }) => sum + count, 0);
  const tab = (route: AttentionTabsProps['current'], label: string, isUnknown: boolean) => ({
    to: pathTo(route, {}, { campaign, code }),
    label,
    count: total(isUnknown),
  });
  return (
    <Tabs
      label="Needs attention"
      tabs={[tab(routes.attention, 'Failures', false), tab(routes.unknownOutcomes, 'Unknown outcomes', true)]}
      current={pathTo(current, {}, { campaign, code })}
    />
  );
}

interface CardsProps {
  groups: readonly FailureGroup[];
  campaign: string | undefined;
  now: number;
  viewer: Viewer;
}

function Cards({ groups, ...rest }: CardsProps) {
  return (
    <>
      {groups.map((group) => (
        <GroupCard key={group.cause.id} group={group} {...rest} />
      ))}
    </>
  );
}
