/** The addresses of the campaigns' pages. */

import { Readable } from 'node:stream';
import { stringify } from 'csv-stringify';
import type { FastifyInstance } from 'fastify';
import { type RowResultState, rowResultStates } from '../../../domain/campaigns/row-result.ts';
import type { CampaignService, ActionContext } from '../dashboard-service.ts';
import type { DashboardScope } from '../page.tsx';
import { actionOf, goTo } from '../parts/audited-action.ts';
import { CampaignList } from './campaign-list.tsx';
import { CampaignPage } from './campaign-page.tsx';
import { addHaltQuestions } from './halt-questions.tsx';

const PAGE_SIZE = 50;

interface OfCampaign {
  Params: { id: string };
}

/** Adds them to a guarded scope. */
export function addCampaignPages({ scope, addPage }: DashboardScope, service: CampaignService): void {
  addPage({
    path: '/campaigns',
    title: () => 'Campaigns',
    async load({ query }) {
      const page = Math.max(1, Math.trunc(Number(query['page'] ?? 1)) || 1);
      const found = await service.list({ offset: (page - 1) * PAGE_SIZE, limit: PAGE_SIZE + 1 });
      return { campaigns: found.slice(0, PAGE_SIZE), page, hasMore: found.length > PAGE_SIZE };
    },
    live: (data, reader) => <CampaignList {...data} reader={reader} />,
  });

  addPage({
    path: '/campaigns/:id',
    async load({ params: { id = '' } }) {
      const [campaign, causes] = await Promise.all([service.find(id), service.failures(id)]);
      if (campaign === undefined) return undefined;
      const isOutdated = service.isOutdated(campaign);
      return { campaign, causes, isOutdated, throughput: await service.throughput(campaign) };
    },
    title: ({ campaign }) => campaign.id,
    live: (data, reader) => <CampaignPage {...data} reader={reader} />,
  });

  addHaltQuestions(addPage, service);
  addAction(scope, 'pause', service.pause);
  addAction(scope, 'resume', service.resume);
  addAction(scope, 'resume-latest', service.resumeLatest);
  addAction(scope, 'stop', service.stop);
  addResults(scope, service);
}

function addAction(
  scope: FastifyInstance,
  act: string,
  run: (id: string, act: ActionContext) => Promise<void>,
): void {
  scope.post<OfCampaign>(
    `/campaigns/:id/${act}`,
    { config: { role: 'operator' } },
    async (request, reply) => {
      const { id } = request.params;
      await run(id, actionOf(request));
      return goTo(reply, `/campaigns/${encodeURIComponent(id)}`);
    },
  );
}

function addResults(scope: FastifyInstance, service: CampaignService): void {
  /** `?states=failed,unknown`; by default all. Customers' data, so not for everybody. */
  scope.get<OfCampaign & { Querystring: { states?: string } }>(
    '/campaigns/:id/results.csv',
    { config: { role: 'operator' } },
    async ({ params: { id }, query }, reply) => {
      const wanted = query.states?.split(',') ?? [];
      const states = rowResultStates.filter(
        (state: RowResultState) => wanted.length === 0 || wanted.includes(state),
      );
      const rows = service.results(id, states)[Symbol.asyncIterator]();
      // What is wrong is said before anything is sent.
      const first = await rows.next();
      const all = async function* () {
        if (first.done !== true) yield first.value;
        for (let next = await rows.next(); next.done !== true; next = await rows.next()) yield next.value;
      };
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="${id.replaceAll(/[^\w.-]/g, '_')}.csv"`)
        .send(Readable.from(all()).pipe(stringify()));
    },
  );
}
