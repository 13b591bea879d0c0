/** All webhook endpoints, behind one guard. */

import type { FastifyInstance } from 'fastify';
import { guardEndpoints, type GuardOptions } from './endpoint.ts';
import { addEventEndpoint, type EventEndpointOptions } from './event-endpoint.ts';
import { addImportEndpoint, type ImportEndpointOptions } from './import-endpoint.ts';
import { addPassmachineEndpoint, type PassmachineEndpointOptions } from './passmachine-endpoint.ts';
import { addWebhookEndpoint, type WebhookEndpointOptions } from './webhook-endpoint.ts';

export type WebhooksOptions = GuardOptions &
  WebhookEndpointOptions &
  PassmachineEndpointOptions &
  EventEndpointOptions &
  ImportEndpointOptions;

const ADDRESSES = /^\/+(?:webhooks|accounts|track|imports)(?=[/?]|$)/;

/**
 * Returns the URL of a request to an endpoint without repeated slashes and without one at the end, as they arise where
 * a sender joins a base address and a path; any other URL as it is.
 */
export function canonicalUrl(url: string): string {
  if (!ADDRESSES.test(url)) return url;
  const [path = '', ...query] = url.split('?');
  return [path.replaceAll(/\/{2,}/g, '/').replace(/(?<=.)\/$/, ''), ...query].join('?');
}

/** Adds the endpoints to a server. They answer every request below their prefixes, also unknown addresses. */
export async function addWebhooks(server: FastifyInstance, options: WebhooksOptions): Promise<void> {
  await server.register(async (guarded) => {
    await guardEndpoints(guarded, options);
    addWebhookEndpoint(guarded, options);
    addPassmachineEndpoint(guarded, options);
    addEventEndpoint(guarded, options);
    addImportEndpoint(guarded, options);
    // Bloomreach tests the credentials of an integration with an empty request to its endpoint.
    guarded.post('/', () => ({ success: true }));
  });
}
