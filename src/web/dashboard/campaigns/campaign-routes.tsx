/** The routes of the campaigns: list, page, confirmation pages, actions and CSV downloads. */

import type { FastifyInstance } from 'fastify';
import type { Campaign } from '../../../domain/campaigns/campaign.ts';
import { reasonsOf } from '../../../domain/monitoring/wait-reason.ts';
import { formatCount } from '../../../domain/presentation/format.ts';
import { csvFlavors } from '../../../kit/text/csv-lines.ts';
import { UserError } from '../../../kit/user-error.ts';
import { pathTo, routes } from '../../paths.ts';
import { sendResults, statesIn } from '../../results-download.ts';
import type { ActionContext, CampaignService } from '../dashboard-service.ts';
import { contextOf, field, redirectTo } from '../form-fields.ts';
import type { DashboardScope } from '../page.tsx';
import { addConfirmationPage } from '../confirmation-page.tsx';
import { CampaignList } from './campaign-list.tsx';
import { CampaignPage } from './campaign-page.tsx';

const PAGE_SIZE = 50;

interface CampaignParams {
  Params: { id: string };
}

/** Adds the routes to a guarded scope. */
export function addCampaignPages({ scope, addPage }: DashboardScope, service: CampaignService): void {
  addPage({
    route: routes.campaigns,
    title: () => 'Campaigns',
    async load({ query }) {
      const page = parsePage(query['page']);
      const found = await service.list({ offset: (page - 1) * PAGE_SIZE, limit: PAGE_SIZE + 1 });
      return { campaigns: found.slice(0, PAGE_SIZE), page, hasMore: found.length > PAGE_SIZE };
    },
    live: (data, viewer) => <CampaignList {...data} viewer={viewer} />,
  });

  addPage({
    route: routes.campaign,
    async load({ params: { id = '' } }) {
      const [campaign, causes] = await Promise.all([service.find(id), service.failures(id)]);
      if (campaign === undefined) return undefined;
      const isOutdated = service.isOutdated(campaign);
      const [throughput, waits] = await Promise.all([
        service.throughput(campaign),
        service.waits([campaign]),
      ]);
      return { campaign, causes, isOutdated, throughput, waits: reasonsOf(waits, id) };
    },
    title: ({ campaign }) => campaign.id,
    live: (data, viewer) => <CampaignPage {...data} viewer={viewer} />,
  });

  addConfirmations(addPage, service);
  addAction(scope, routes.campaignPause, service.pause);
  addAction(scope, routes.campaignResume, service.resume);
  addAction(scope, routes.campaignResumeLatest, service.resumeLatest);
  addAction(scope, routes.campaignStop, service.stop);
  scope.post<CampaignParams>(
    routes.campaignReschedule,
    { config: { role: 'operator' } },
    async (request, reply) => {
      const { id } = request.params;
      await service.reschedule(id, field(request.body, 'startAt'), contextOf(request));
      return redirectTo(reply, pathTo(routes.campaign, { id }));
    },
  );
  addResults(scope, service);
}

/** Returns the number of a page; the first by default. */
function parsePage(text = '1'): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new UserError('INVALID_REQUEST', `“${text}” is not the number of a page. Open the list again.`);
}

interface Confirmation {
  route: typeof routes.campaignPause | typeof routes.campaignResume | typeof routes.campaignStop;
  verb: string;
  tone: 'primary' | 'danger';
  consequence: (campaign: Pick<Campaign, 'status' | 'pending'>) => string;
}

const confirmations: readonly Confirmation[] = [
  {
    route: routes.campaignPause,
    verb: 'Pause',
    tone: 'primary',
    consequence: ({ pending }) =>
      `${formatCount(pending, 'customer')} will wait until you resume. Calls already in progress finish.`,
  },
  {
    route: routes.campaignResume,
    verb: 'Resume',
    tone: 'primary',
    consequence: ({ status, pending }) =>
      status === 'planned'
        ? `It starts now with ${formatCount(pending, 'customer')}.`
        : `It continues with the remaining ${formatCount(pending, 'customer')}.`,
  },
  {
    route: routes.campaignStop,
    verb: 'Stop',
    tone: 'danger',
    consequence: ({ pending }) =>
      `${formatCount(pending, 'customer')} will not be contacted. Calls already in progress finish. You can resume later.`,
  },
];

function addConfirmations(addPage: DashboardScope['addPage'], { find }: Pick<CampaignService, 'find'>): void {
  for (const { route, verb, tone, consequence } of confirmations) {
    addConfirmationPage<Campaign>(addPage, {
      route,
      load: ({ params: { id = '' } }) => find(id),
      to: ({ id }) => pathTo(route, { id }),
      title: ({ id }) => `${verb} ${id}`,
      label: `${verb} campaign`,
      tone,
      back: ({ id }) => pathTo(routes.campaign, { id }),
      consequence,
    });
  }
}

function addAction(
  scope: FastifyInstance,
  route: string,
  run: (id: string, context: ActionContext) => Promise<void>,
): void {
  scope.post<CampaignParams>(route, { config: { role: 'operator' } }, async (request, reply) => {
    const { id } = request.params;
    await run(id, contextOf(request));
    return redirectTo(reply, pathTo(routes.campaign, { id }));
  });
}

/**
 * Adds the download of CSV or JSON Lines: `?states=failed,unknown`; all states by default. Browsers open a download in a
 * spreadsheet, so a CSV is made for one unless `cells=exact`. Contains personal data.
 */
function addResults(scope: FastifyInstance, service: CampaignService): void {
  scope.get<CampaignParams & { Querystring: { states?: string; cells?: string } }>(
    routes.campaignResults,
    { config: { role: 'operator' } },
    async ({ params: { id }, query: { states, cells = 'spreadsheet' } }, reply) => {
      const flavor = csvFlavors.find((known) => known === cells);
      if (flavor === undefined) {
        throw new UserError(
          'INVALID_REQUEST',
          `There are no ${cells} cells: use ${csvFlavors.join(' or ')}.`,
        );
      }
      return sendResults(reply, id, await service.results(id, statesIn(states), flavor));
    },
  );
}
