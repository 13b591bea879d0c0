/** Adds all pages of the dashboard, and answers errors as pages. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Operator } from '../../domain/operators/operator.ts';
import { countAttention } from '../../domain/monitoring/attention.ts';
import type { Logger } from '../../kit/logger.ts';
import { explainRefusal } from '../../kit/redis/refusal.ts';
import { UserError } from '../../kit/user-error.ts';
import { csrfProblem, isCsrfError, previousPath } from '../auth/request-origin.ts';
import { routes } from '../paths.ts';
import { statusOfRefusal } from '../refusal-status.ts';
import { addAuditPage } from './audit/audit-page.tsx';
import { addBulkActionPages } from './bulk-actions/bulk-action-routes.tsx';
import { addCampaignPages } from './campaigns/campaign-routes.tsx';
import { addCardPages } from './cards/card-routes.tsx';
import { addCustomersPage } from './customers/customers-page.tsx';
import type { DashboardService } from './dashboard-service.ts';
import { addDiagnosticsPage } from './diagnostics/diagnostics-page.tsx';
import { addDraftPages } from './drafts/draft-routes.tsx';
import { addTestSendPage } from './drafts/test-send-page.tsx';
import { addUploads, type UploadOptions } from './drafts/uploads.ts';
import { addAttentionPages } from './failures/attention-pages.tsx';
import { addCausePages } from './failures/cause-routes.tsx';
import { addEditPages } from './failures/edit-routes.tsx';
import { addResolutionPages } from './failures/resolution-routes.tsx';
import { type RefusalProps, renderRefusal } from './layout.tsx';
import { makeLiveUpdates } from './live.ts';
import { addLiveRoute } from './live-routes.ts';
import type { LiveTopic } from './live-topics.ts';
import { FRAME_TOPIC, frameTopic } from './parts/health.tsx';
import { addOverviewPage } from './overview/overview-page.tsx';
import { type DashboardScope, makeAddPage, makeViewerOf, sendHtml } from './page.tsx';
import { redisRefusalPage } from './redis-refusal.ts';
import { addSettingsPages } from './settings/settings-page.tsx';
import { addSchedulePages } from './schedules/schedule-routes.tsx';

export interface DashboardOptions {
  service: DashboardService;
  uploads: UploadOptions;
  /** IANA name of the time zone of all times. */
  timeZone: string;
  log: Logger;
}

/** Adds the pages to a guarded scope. */
export async function addDashboard(
  scope: FastifyInstance,
  { service, uploads, timeZone, log }: DashboardOptions,
): Promise<void> {
  const live = makeLiveUpdates(log);
  // The server waits for open requests when it stops, and streams have no end of their own.
  scope.addHook('preClose', async () => live.close());
  const openItems = async () => {
    // Without the count a page still has its content.
    const attention = await service.attention.read().catch(() => undefined);
    return attention === undefined ? undefined : countAttention(attention);
  };
  const frame = { health: service.health, countAttention: openItems };
  const topics = new Map<string, LiveTopic>([[FRAME_TOPIC, frameTopic(frame)]]);
  addLiveRoute(scope, { live, topics });
  const viewerOf = makeViewerOf(timeZone, frame);
  addErrorPages(scope, viewerOf, log);
  const dashboard: DashboardScope = {
    scope,
    zone: timeZone,
    viewerOf,
    addPage: makeAddPage(scope, { topics, zone: timeZone, viewerOf }),
  };
  addOverviewPage(dashboard, service);
  addSettingsPages(dashboard, service.overview);
  addCampaignPages(dashboard, service.campaigns);
  addDraftPages(dashboard, service.drafts);
  addTestSendPage(dashboard, service.drafts);
  addCardPages(dashboard, service.drafts, service.cards);
  await addUploads(scope, uploads, service.uploads);
  addSchedulePages(dashboard, service.schedules);
  addAttentionPages(dashboard, service.failures);
  addCausePages(dashboard, service.failures);
  addResolutionPages(dashboard, service.failures);
  addEditPages(dashboard, service.failures);
  addBulkActionPages(dashboard, service.failures);
  addAuditPage(dashboard, service.audit);
  addCustomersPage(dashboard, service.customers);
  addDiagnosticsPage(dashboard, service.diagnostics);
}

function addErrorPages(scope: FastifyInstance, viewerOf: DashboardScope['viewerOf'], log: Logger): void {
  const refuse = async (request: FastifyRequest, reply: FastifyReply, refusal: RefusalProps) => {
    const isOperator = (request.operator as Operator | undefined) !== undefined;
    const viewer = isOperator ? await viewerOf(request, reply) : undefined;
    // The user returns to the page of a refused form.
    const back = request.method === 'POST' ? previousPath(request.headers) : routes.overview;
    return sendHtml(reply, renderRefusal({ back, ...refusal }, viewer));
  };

  scope.setErrorHandler(async (error: Error & { statusCode?: number; code?: string }, request, reply) => {
    const status = error instanceof UserError ? statusOfRefusal(error.code) : (error.statusCode ?? 500);
    if (status < 500) {
      const message = isCsrfError(error) ? csrfProblem : error.message;
      return refuse(request, reply.code(status), { title: 'Nothing was changed', message });
    }
    log.error({ event: 'page.failed', route: request.routeOptions.url, err: error });
    const refusal = explainRefusal(error);
    if (refusal !== undefined) {
      const { props, headers } = redisRefusalPage(refusal, request);
      return refuse(request, reply.code(503).headers(headers), props);
    }
    const message = 'Something went wrong. The server log has the details.';
    return refuse(request, reply.code(status), { title: 'Something went wrong', message });
  });
  scope.setNotFoundHandler(async (request, reply) =>
    refuse(request, reply.code(404), {
      title: 'Page not found',
      message: 'This page may have been deleted or have expired.',
    }),
  );
}
