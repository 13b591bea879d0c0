/**
 * The JSON API: the same functions as the dashboard, for scripts. Described by OpenAPI at `/api/docs`.
 * Without a session it takes an operator's name and password (Basic).
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { exactJsonText } from '../../kit/json/exact-json.ts';
import { assertJsonLimits } from '../../kit/json/json-limits.ts';
import { UNCOMPARABLE } from '../../kit/json/parse-shape.ts';
import type { Logger } from '../../kit/logger.ts';
import { dependencyFile } from '../../kit/runtime/package-files.ts';
import type { DashboardService } from '../dashboard/dashboard-service.ts';
import { addCampaignApi } from './campaign-api.ts';
import { addErrorHandler, sendError } from './conventions.ts';
import { addDraftApi } from './draft-api.ts';
import { addFailureApi } from './failure-api.ts';
import { addScheduleApi } from './schedule-api.ts';
import { addStatusApi } from './status-api.ts';

/** Adds `/api` to a guarded scope. */
export async function addApi(
  scope: FastifyInstance,
  { service, log }: { service: DashboardService; log: Logger },
): Promise<void> {
  await scope.register(
    async (api) => {
      api.setValidatorCompiler(compileSchema);
      api.setSerializerCompiler(serializerCompiler);
      addErrorHandler(api, log);
      addExactJsonParser(api);
      await api.register(swagger, {
        openapi: {
          info: {
            title: 'passbridge',
            version: '1',
            description:
              'Changes from a browser session must send the header `csrf-token`; requests with Basic credentials need none.',
          },
          components: { securitySchemes: { basic: { type: 'http', scheme: 'basic' } } },
          security: [{ basic: [] }],
        },
        transform: jsonSchemaTransform,
      });
      addStatusApi(api, service);
      addCampaignApi(api, service.campaigns);
      addDraftApi(api, service);
      addFailureApi(api, service.failures);
      addScheduleApi(api, service.schedules);
      await addDocs(api);
      api.setNotFoundHandler((_request, reply) =>
        sendError(reply, 404, 'NOT_FOUND', 'There is no such route.'),
      );
    },
    { prefix: '/api' },
  );
}

/** A request that is made to break its schema is invalid like any other; see `parseShape`. */
const compileSchema: typeof validatorCompiler = (route) => {
  const validate = validatorCompiler(route);
  return (value) => {
    try {
      return validate(value);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return { error: new Error(`The request ${UNCOMPARABLE}.`) };
    }
  };
};

/** Keeps the digits of long numbers in bodies, e.g. of a card's id, as text. */
function addExactJsonParser(api: FastifyInstance): void {
  const parse = api.getDefaultJsonParser('error', 'error');
  api.removeContentTypeParser('application/json');
  api.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    try {
      assertJsonLimits(body);
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      return done(Object.assign(new Error(`The body ${problem}.`), { statusCode: 413 }));
    }
    return parse(request, exactJsonText(body), done);
  });
}

/** Adds the description as a page, and as JSON at `/api/docs/json`. */
async function addDocs(api: FastifyInstance): Promise<void> {
  await api.register(async (docs) => {
    docs.addHook('onRoute', (route) => {
      route.config = { ...route.config, role: 'viewer' };
    });
    const baseDir = dependencyFile('@fastify/swagger-ui/static');
    await docs.register(swaggerUi, {
      routePrefix: '/docs',
      indexPrefix: '/api',
      staticCSP: true,
      baseDir,
      logo: { type: 'image/svg+xml', content: await readFile(join(baseDir, 'logo.svg')) },
    });
  });
}
