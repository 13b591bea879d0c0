/** All pages of the dashboard. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { UserError } from '../../kit/user-error.ts';
import type { Operator } from '../../domain/operators/operator.ts';
import type { Logger } from '../../kit/logger.ts';
import { addAuditPage } from './audit/audit-page.tsx';
import { addCampaignPages } from './campaigns/campaign-routes.tsx';
import type { DashboardService } from './dashboard-service.ts';
import { addDraftPages } from './drafts/draft-routes.tsx';
import { addUploads, type UploadOptions } from './drafts/uploads.ts';
import { addEditPages } from './failures/edit-routes.tsx';
import { addFailurePages } from './failures/failure-routes.tsx';
import { makeLive } from './live.ts';
import { addLimitRoute } from './overview/limit-route.ts';
import { addNowPage } from './overview/overview-page.tsx';
import { type DashboardScope, makeAddPage, readerOf, sendHtml } from './page.tsx';
import { addCustomersPage } from './customers/customers-page.tsx';
import { addBulkActionPages } from './bulk-actions/bulk-action-routes.tsx';
import { renderRefusal } from './refusal.tsx';
import { pageBefore } from '../auth/local-path.ts';
import { isUnproven, unproven } from '../auth/unproven.ts';
import { addSchedulePages } from './schedules/schedule-routes.tsx';

export interface DashboardOptions {
  service: DashboardService;
  uploads: UploadOptions;
  /** IANA name of the time zone in which times are shown. */
  timeZone: string;
  log: Logger;
}

/** Adds the pages to a scope whose routes are guarded. */
export async function addDashboard(
  scope: FastifyInstance,
  { service, uploads, timeZone, log }: DashboardOptions,
): Promise<void> {
  const live = makeLive(log);
  // Streams never end by themselves: the server would wait for them.
  scope.addHook('preClose', async () => live.close());
  const refuse = (request: FastifyRequest, reply: FastifyReply, message: string) => {
    // Whoever has not signed in may have no session at all.
    const reader = (request.operator as Operator | undefined) && readerOf(request, reply, timeZone);
    // A form that was refused is where it was sent from.
    const back = request.method === 'POST' ? pageBefore(request.headers) : '/';
    return sendHtml(reply, renderRefusal(message, reader, back));
  };
  scope.setErrorHandler(async (error: Error & { statusCode?: number; code?: string }, request, reply) => {
    const status = error instanceof UserError ? 409 : (error.statusCode ?? 500);
    if (status >= 500) log.error({ event: 'page.failed', route: request.routeOptions.url, err: error });
    const message = status >= 500 ? failed : isUnproven(error) ? unproven : error.message;
    return refuse(request, reply.code(status), message);
  });
  scope.setNotFoundHandler(async (request, reply) => refuse(request, reply.code(404), notFound));
  const dashboard: DashboardScope = {
    scope,
    zone: timeZone,
    addPage: makeAddPage(scope, { live, zone: timeZone }),
  };
  addNowPage(dashboard, service.now);
  addLimitRoute(dashboard, service.now);
  addCampaignPages(dashboard, service.campaigns);
  addDraftPages(dashboard, service.drafts);
  await addUploads(scope, uploads);
  addSchedulePages(dashboard, service.schedules);
  addFailurePages(dashboard, service.failures);
  addEditPages(dashboard, service.failures);
  addBulkActionPages(dashboard, service.failures);
  addAuditPage(dashboard, service.audit);
  addCustomersPage(dashboard, service.people);
}

const failed = 'It could not be done. The log of this process says why.';
const notFound = 'There is nothing at this address, or not any more.';
