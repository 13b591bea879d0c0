/** All doors in, behind one guard. */

import type { FastifyInstance } from 'fastify';
import { addBloomreachEndpoint, type BloomreachEndpointOptions } from './event-endpoint.ts';
import { guardEndpoint, type GuardOptions } from './endpoint.ts';
import { addImportEndpoint, type ImportEndpointOptions } from './import-endpoint.ts';
import { addPassmachineEndpoint, type PassmachineEndpointOptions } from './passmachine-endpoint.ts';
import { addWebhookEndpoint, type WebhookEndpointOptions } from './bloomreach-endpoint.ts';

export type WebhooksOptions = GuardOptions &
  WebhookEndpointOptions &
  PassmachineEndpointOptions &
  BloomreachEndpointOptions &
  ImportEndpointOptions;

/** Adds the doors to a server. Nothing below their addresses is ever answered by anything else. */
export async function addWebhooks(server: FastifyInstance, options: WebhooksOptions): Promise<void> {
  await server.register(async (guarded) => {
    await guardEndpoint(guarded, options);
    addWebhookEndpoint(guarded, options);
    addPassmachineEndpoint(guarded, options);
    addBloomreachEndpoint(guarded, options);
    addImportEndpoint(guarded, options);
    /** Bloomreach tries the credentials of a schema at its endpoint, with nothing. */
    guarded.post('/', () => ({ success: true }));
  });
}
