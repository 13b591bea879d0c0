/** The addresses of failures: by cause, one by one, and what is done about them. */

import { UserError } from '../../../kit/user-error.ts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { BulkActionOrder, BulkFilter } from '../../../domain/failures/bulk-action.ts';
import type { FailureGroup } from '../../../domain/failures/failure-group.ts';
import type { FailureService } from '../dashboard-service.ts';
import type { Reader } from '../layout.tsx';
import type { Asked, DashboardScope } from '../page.tsx';
import { actionOf, field, goTo } from '../parts/audited-action.ts';
import { Confirm } from '../parts/confirm.tsx';
import { count, number } from '../parts/wording.ts';
import { causePath, GroupCard } from './group-card.tsx';
import { GroupPage } from './group-page.tsx';

interface OfCause {
  Params: { cause: string };
  Querystring: { campaign?: string };
}

const config = { role: 'operator' } as const;

/** Adds them to a guarded scope. */
export function addFailurePages({ scope, addPage }: DashboardScope, service: FailureService): void {
  const groupsAsked = async ({ query: { campaign, code } }: Asked) => ({
    groups: await service.groups({ campaign, code }),
    campaign,
    code,
    now: Date.now(),
  });
  type Groups = Awaited<ReturnType<typeof groupsAsked>>;

  addPage<Groups>({
    path: '/failures',
    title: () => 'Failures',
    load: groupsAsked,
    live: ({ groups, ...rest }, reader) => (
      <>
        <h1>Failures{ofWhat(rest)}</h1>
        <p>
          <a href="/bulk-actions">What was sent again, edited or discarded</a>
        </p>
        <Summary groups={groups} campaign={rest.campaign} />
        <AllOfThem isPart={ofWhat(rest) !== ''} at="/failures" />
        <Cards groups={groups.filter(({ unknown }) => !unknown)} {...rest} reader={reader} />
      </>
    ),
  });

  addPage<Groups>({
    path: '/unknown',
    title: () => 'Unknown outcomes',
    load: groupsAsked,
    live: ({ groups, ...rest }, reader) => (
      <>
        <h1>Unknown outcomes{ofWhat(rest)}</h1>
        <p>
          These were sent and no answer came: the card may or may not exist. Look some of them up in
          Passmachine. Where the card exists, discard them; where it does not, repeat them.
        </p>
        {groups.every(({ unknown }) => !unknown) && <p role="status">There are none.</p>}
        <AllOfThem isPart={ofWhat(rest) !== ''} at="/unknown" />
        <Cards groups={groups.filter(({ unknown }) => unknown)} {...rest} reader={reader} />
      </>
    ),
  });

  const groupOf = async ({ params: { cause = '' }, query: { campaign } }: Asked) => {
    const groups = await service.groups({ campaign, code: cause });
    const group = groups.find((found) => found.cause.id === cause);
    return group && { group, campaign };
  };

  addPage({
    path: '/failures/:cause',
    async load(asked) {
      const found = await groupOf(asked);
      if (found === undefined) return undefined;
      const { group, campaign } = found;
      const page = await service.page({ cause: group.cause.id, campaign }, asked.query['after']);
      const [first] = page.failures;
      const example = first === undefined ? undefined : await service.example(first);
      return { group, page, example, campaign, now: Date.now() };
    },
    title: ({ group }) => group.cause.code,
    fixed: (data, reader) => <GroupPage {...data} reader={reader} />,
  });

  const order = async (
    request: FastifyRequest,
    reply: FastifyReply,
    { kind, filter }: Pick<BulkActionOrder, 'kind' | 'filter'>,
  ) => {
    const bulkAction = await service.order({ kind, filter }, actionOf(request));
    return goTo(reply, `/bulk-actions/${encodeURIComponent(bulkAction)}`);
  };

  for (const kind of ['retry', 'discard'] as const) {
    addPage({
      path: `/failures/:cause/${kind}`,
      role: 'operator',
      load: groupOf,
      title: ({ group }) => `${group.cause.code}: ${words[kind].label}`,
      fixed: ({ group, campaign }, reader) => (
        <Ask kind={kind} group={group} campaign={campaign} reader={reader} />
      ),
    });
    scope.post<OfCause>(`/failures/:cause/${kind}`, { config }, async (request, reply) => {
      const { cause } = request.params;
      const { campaign } = request.query;
      const unknown = field(request.body, 'unknown') === 'yes';
      return order(request, reply, {
        kind,
        filter: { causes: [cause], unknown, ...(campaign !== undefined && { campaign }) },
      });
    });
  }

  scope.post<OfCause>('/failures/:cause/selected', { config }, async (request, reply) => {
    const picked = [((request.body ?? {}) as { picked?: string | string[] }).picked ?? []].flat();
    if (picked.length === 0)
      throw new UserError('INVALID_REQUEST', 'Nothing was picked: tick the failures that are meant.');
    const jobs = picked.map((one) => {
      const [campaign = '', job = ''] = one.split(' ');
      return { campaign, job };
    });
    const kind = field(request.body, 'act') === 'discard' ? 'discard' : 'retry';
    const filter: BulkFilter = { causes: [request.params.cause], jobs, unknown: true };
    return order(request, reply, { kind, filter });
  });
}

/** Where only a part of them is looked at: which. */
function ofWhat({ campaign, code }: { campaign: string | undefined; code: string | undefined }): string {
  return `${code === undefined ? '' : `: ${code}`}${campaign === undefined ? '' : ` of ${campaign}`}`;
}

function AllOfThem({ isPart, at }: { isPart: boolean; at: string }) {
  if (!isPart) return null;
  return (
    <p>
      <a href={at}>Those of all campaigns and causes</a>
    </p>
  );
}

function Summary({ groups, campaign }: { groups: readonly FailureGroup[]; campaign: string | undefined }) {
  const held = groups.filter(({ unknown }) => unknown).reduce((sum, group) => sum + group.count, 0);
  const total = groups.reduce((sum, group) => sum + group.count, 0) - held;
  return (
    <p role="status">
      {total === 0 ? 'Nothing failed.' : `${number(total)} failures.`}
      {held > 0 && (
        <>
          {' '}
          Besides,{' '}
          <a href={`/unknown${campaign === undefined ? '' : `?campaign=${encodeURIComponent(campaign)}`}`}>
            {count(held, 'unknown outcome')}
          </a>
          .
        </>
      )}
    </p>
  );
}

interface CardsProps {
  groups: readonly FailureGroup[];
  campaign: string | undefined;
  now: number;
  reader: Reader;
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

const words = {
  retry: { label: 'Send again', tone: 'primary' },
  discard: { label: 'Discard', tone: 'danger' },
} as const;

interface AskProps {
  kind: keyof typeof words;
  group: FailureGroup;
  campaign: string | undefined;
  reader: Reader;
}

function Ask({ kind, group: { cause, count: n, unknown, campaigns }, campaign, reader }: AskProps) {
  const { label, tone } = words[kind];
  const isRisky = kind === 'retry' && unknown;
  return (
    <>
      <h1>
        {isRisky ? 'Repeat' : label} {count(n, unknown ? 'unknown outcome' : 'failure')}?
      </h1>
      <Confirm
        to={causePath(cause.id, `/${kind}`, campaign)}
        label={isRisky ? 'Repeat them all the same' : `${label} all ${number(n)}`}
        tone={isRisky ? 'danger' : tone}
        back={unknown ? '/unknown' : '/failures'}
        csrfToken={reader.csrfToken}
        needsReason={kind === 'discard'}
      >
        <p>
          <code>{cause.code}</code> {cause.pattern}
        </p>
        <p>
          In {count(campaigns.length, 'campaign')}. {kind === 'retry' ? retryWords : discardWords}
        </p>
        {/* Whoever discards an unknown outcome, or repeats it, has been told what it is. */}
        <input type="hidden" name="unknown" value={unknown ? 'yes' : 'no'} />
        {isRisky && (
          <p class="alert alert-danger" role="alert">
            Each of these may have a card already: repeating it could make a second one.
          </p>
        )}
      </Confirm>
    </>
  );
}

const retryWords =
  'They go back into the queue behind everything else, with fresh attempts and the program as it is now. Those of campaigns that are halted are left out.';
const discardWords =
  'They are taken off this list for good. The counters and the downloads of their campaigns still tell of them.';
