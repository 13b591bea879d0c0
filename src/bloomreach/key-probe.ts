/**
 * Finds out what an API key may do, with calls that cannot change anything. The answer tells: an error about the
 * permission, or an error about the content, which a key without the permission should not get to see. Bloomreach
 * does not document which of the two it checks first.
 */

import type { Failure } from '../domain/failures/failure.ts';
import type { HttpClient } from '../kit/http/client.ts';
import { bloomreachFailure, permissionError, readError } from './answers.ts';
import { makeTrackingClient, type TrackCommand } from './tracking.ts';

/** `detail`: Bloomreach's answer, if it says nothing about the permission. */
export type Right = { verdict: 'granted' | 'lacking' } | { verdict: 'unclear'; detail: string };

export interface KeyProbe {
  /** Returns why the key does not open the project; undefined if it does. */
  accessFailure(): Promise<Failure | undefined>;
  maySetProperties(): Promise<Right>;
  mayAddEvents(): Promise<Right>;
  mayExport(): Promise<Right>;
}

interface Options {
  http: HttpClient;
  projectToken: string;
  apiKeyId: string;
  apiSecret: string;
}

/**
 * Commands without a customer id are documented to be refused with `At least one id should be specified.`, so
 * they neither set anything nor create a customer or event.
 * https://documentation.bloomreach.com/engagement/reference/tracking-api-error-messages
 */
const NO_CUSTOMER = {};

const propertiesCommand: TrackCommand = {
  id: 'probe',
  name: 'customers',
  data: { customer_ids: NO_CUSTOMER, properties: { passmachine_pass_id: '' } },
};

const eventCommand: TrackCommand = {
  id: 'probe',
  name: 'customers/events',
  data: { customer_ids: NO_CUSTOMER, event_type: 'passmachine', properties: {} },
};

/**
 * An export is read-only. The segmentation and the format of this one do not exist, so Bloomreach does not compute
 * any customer data; if it answers nevertheless, the answer is cut off at 1 MB.
 */
const invalidExport = {
  attributes: { type: 'some', list: [{ type: 'id', id: 'registered' }] },
  filter: { type: 'segment', segmentation_id: 'passbridge-probe', segment_index: 0 },
  format: 'passbridge-probe',
};

export function makeKeyProbe(options: Options): KeyProbe {
  const { http, projectToken, apiKeyId, apiSecret } = options;
  const tracking = makeTrackingClient(options);

  const mayTrack = async (command: TrackCommand): Promise<Right> => {
    const result = await tracking.send([command]);
    if (result.kind === 'failed') return rightAfter(result.failure);
    const refusal = result.kind === 'answered' ? result.refused.get(command.id) : undefined;
    return refusal === undefined ? { verdict: 'granted' } : rightAfter(refusal);
  };

  return {
    async accessFailure() {
      // An empty batch is documented to be refused with `No commands`, which the client treats as an answer.
      const result = await tracking.send([]);
      return result.kind === 'failed' ? result.failure : undefined;
    },
    maySetProperties: () => mayTrack(propertiesCommand),
    mayAddEvents: () => mayTrack(eventCommand),
    async mayExport() {
      const result = await http.send({
        method: 'POST',
        path: `/data/v2/projects/${encodeURIComponent(projectToken)}/customers/export`,
        headers: { authorization: `Basic ${Buffer.from(`${apiKeyId}:${apiSecret}`).toString('base64')}` },
        body: JSON.stringify(invalidExport),
      });
      const failed = bloomreachFailure(result);
      if (failed !== undefined) return rightAfter(failed);
      // A 200 may contain a refusal, too. If it contains an export, the export was allowed.
      const error = result.answered ? readError(result.text) : '';
      return { verdict: permissionError.test(error) ? 'lacking' : 'granted' };
    },
  };
}

/** Only an error about the content proves the permission; an outage proves nothing. */
function rightAfter({ code, status, detail }: Failure): Right {
  if (status === 403 || permissionError.test(detail)) return { verdict: 'lacking' };
  const isAboutContent = code === 'BR_BATCH_REFUSED' || code === 'BR_COMMAND_REFUSED';
  return isAboutContent ? { verdict: 'granted' } : { verdict: 'unclear', detail };
}
