/** All doors in, behind one guard. */

import type { FastifyInstance } from 'fastify';
import { addBloomreachDoor, type BloomreachDoorOptions } from './event-endpoint.ts';
import { guardDoor, type GuardOptions } from './endpoint.ts';
import { addImportDoor, type ImportDoorOptions } from './import-endpoint.ts';
import { addPassmachineDoor, type PassmachineDoorOptions } from './passmachine-endpoint.ts';
import { addWebhookDoor, type WebhookDoorOptions } from './bloomreach-endpoint.ts';

export type DoorsOptions = GuardOptions &
  WebhookDoorOptions &
  PassmachineDoorOptions &
  BloomreachDoorOptions &
  ImportDoorOptions;

/** Adds the doors to a server. Nothing below their addresses is ever answered by anything else. */
export async function addDoors(server: FastifyInstance, options: DoorsOptions): Promise<void> {
  await server.register(async (guarded) => {
    await guardDoor(guarded, options);
    addWebhookDoor(guarded, options);
    addPassmachineDoor(guarded, options);
    addBloomreachDoor(guarded, options);
    addImportDoor(guarded, options);
    /** Bloomreach tries the credentials of a schema at its endpoint, with nothing. */
    guarded.post('/', () => ({ success: true }));
  });
}
