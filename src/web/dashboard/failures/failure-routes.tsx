/** The routes of failures: the lists by cause, the page of a cause, retry and discard. */

import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  type BulkActionOrder,
  type BulkFilter,
  mayMakeSecondCards,
} from '../../../domain/failures/bulk-action.ts';
import { codeOfCause } from '../../../domain/failures/cause.ts';
import { unknownCodes } from '../../../domain/failures/unknown-create.ts';
import type { FailureGroup } from '../../../domain/failures/failure-group.ts';
import { formatCount, formatNumber } from '../../../domain/presentation/format.ts';
import { systemClock } from '../../../kit/clock.ts';
import { hasRole } from '../../../domain/operators/operator.ts';
import { UserError } from '../../../kit/user-error.ts';
import { pathTo, routes } from '../../paths.ts';
import type { FailureService } from '../dashboard-service.ts';
import { contextOf, field, redirectTo } from '../form-fields.ts';
import { renderPage, type Viewer } from '../layout.tsx';
import type { PageParams } from '../live-topics.ts';
import { type DashboardScope, sendHtml } from '../page.tsx';
import { Confirm } from '../parts/forms.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { GroupCard } from './group-card.tsx';
import { GroupPage } from './group-page.tsx';
import { ConfirmCreateAgain } from './resolution-pages.tsx';

interface CauseParams {
  Params: { cause: string };
  Querystring: { campaign?: string };
}

const config = { role: 'operator' } as const;

/** Adds the routes to a guarded scope. */
export function addFailurePages({ scope, addPage, viewerOf }: DashboardScope, service: FailureService): void {
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

  const loadGroup = async ({ params: { cause = '' }, query: { campaign } }: PageParams) => {
    const groups = await service.groups({ campaign, code: cause });
    const group = groups.find((found) => found.cause.id === cause);
    return group && { group, campaign };
  };

  addPage({
    route: routes.cause,
    async load(params) {
      const found = await loadGroup(params);
      if (found === undefined) return undefined;
      const { group, campaign } = found;
      const page = await service.page({ cause: group.cause.id, campaign }, params.query['after']);
      const [first] = page.failures;
      const example = first === undefined ? undefined : await service.example(first);
      return { group, page, example, campaign, now: systemClock() };
    },
    title: ({ group }) => group.cause.code,
    fixed: (data, viewer) => <GroupPage {...data} viewer={viewer} />,
  });

  const start = async (
    request: FastifyRequest,
    reply: FastifyReply,
    order: Pick<BulkActionOrder, 'kind' | 'filter'> & { acceptSecondCards?: boolean },
  ) => {
    const id = await service.order(order, contextOf(request));
    return redirectTo(reply, pathTo(routes.bulkAction, { id }));
  };

  for (const kind of ['retry', 'discard'] as const) {
    addPage({
      route: actions[kind].route,
      role: 'operator',
      load: loadGroup,
      title: ({ group }) => `${actions[kind].label} ${group.cause.code}`,
      fixed: ({ group, campaign }, viewer) => (
        <ConfirmAction kind={kind} group={group} campaign={campaign} viewer={viewer} />
      ),
    });
    scope.post<CauseParams>(actions[kind].route, { config }, async (request, reply) => {
      const { cause } = request.params;
      const { campaign } = request.query;
      const unknown = field(request.body, 'unknown') === 'yes';
      const filter = { causes: [cause], unknown, ...(campaign !== undefined && { campaign }) };
      const acceptSecondCards = field(request.body, 'acceptSecondCards') === 'yes';
      // The page of the action warns of them.
      if (mayMakeSecondCards({ kind, filter }) && !acceptSecondCards)
        return redirectTo(reply, pathTo(actions[kind].route, { cause }, { campaign }));
      return start(request, reply, { kind, filter, acceptSecondCards });
    });
  }

  scope.post<CauseParams>(routes.causeSelected, { config }, async (request, reply) => {
    const { body } = request;
    const selected = [((body ?? {}) as { selected?: string | string[] }).selected ?? []].flat();
    if (selected.length === 0) throw new UserError('INVALID_REQUEST', 'Select at least one customer.');
    const jobs = selected.map((value) => {
      const [campaign = '', job = ''] = value.split(' ');
      return { campaign, job };
    });
    const kind = field(body, 'action') === 'discard' ? 'discard' : 'retry';
    const { cause } = request.params;
    if (kind === 'retry' && unknownCodes.includes(codeOfCause(cause))) {
      const viewer = await viewerOf(request, reply);
      const to = pathTo(routes.causeResolve, { cause });
      const ids = jobs.map(({ job }) => job);
      const children = <ConfirmCreateAgain jobs={ids} to={to} viewer={viewer} />;
      return sendHtml(
        reply,
        renderPage({ title: 'Create again', path: routes.unknownOutcomes, viewer, children }),
      );
    }
    const filter: BulkFilter = { causes: [cause], jobs, unknown: kind === 'discard' };
    return start(request, reply, { kind, filter });
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

const actions = {
  retry: {
    route: routes.causeRetry,
    label: 'Retry',
    tone: 'primary',
    consequence:
      'They are queued after all waiting jobs, with a full set of attempts and the current program. Failures of campaigns that are held, paused or stopped are excluded.',
  },
  discard: {
    route: routes.causeDiscard,
    label: 'Discard',
    tone: 'danger',
    consequence:
      'They disappear from this list for good. The totals and downloads of their campaigns do not change.',
  },
} as const;

interface ConfirmActionProps {
  kind: keyof typeof actions;
  group: FailureGroup;
  campaign: string | undefined;
  viewer: Viewer;
}

function ConfirmAction({ kind, group, campaign, viewer }: ConfirmActionProps) {
  const { cause, count, unknown, campaigns } = group;
  const { route, label, tone, consequence } = actions[kind];
  const isRisky = kind === 'retry' && unknown;
  return (
    <>
      <h1>
        {isRisky
          ? `Create ${formatCount(count, 'card')} again?`
          : `${label} ${formatCount(count, unknown ? 'unknown outcome' : 'failure')}?`}
      </h1>
      <Confirm
        to={pathTo(route, { cause: cause.id }, { campaign })}
        label={isRisky ? 'Create again anyway' : `${label} all ${formatNumber(count)}`}
        tone={isRisky ? 'danger' : tone}
        back={unknown ? routes.unknownOutcomes : routes.attention}
        csrfToken={viewer.csrfToken}
        needsReason={kind === 'discard'}
      >
        <p>
          <code>{cause.code}</code> {cause.pattern}
        </p>
        <p>
          In {formatCount(campaigns.length, 'campaign')}. {consequence}
        </p>
        {/* The page says that these outcomes are unknown and what may follow, so the action may include them. */}
        <input type="hidden" name="unknown" value={unknown ? 'yes' : 'no'} />
        {isRisky && (
          <>
            <input type="hidden" name="acceptSecondCards" value="yes" />
            <p class="alert alert-danger" role="alert">
              Some of these customers may already have a card. They would get a second one.
            </p>
          </>
        )}
      </Confirm>
    </>
  );
}
