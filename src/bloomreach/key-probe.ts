/**
 * What an API key may do, found out by calls that cannot change anything. A right is told by what
 * comes back: words about a permission, or words about the content, which a key without the
 * permission should not get to hear. No documentation says which of the two is checked first.
 */

import type { Failure } from '../domain/failures/failure.ts';
import type { HttpClient } from '../kit/http/http.ts';
import { batchFailure } from './failure-map.ts';
import { permissionWords } from './refusal-words.ts';
import { makeTrackingClient, type TrackCommand } from './tracking.ts';
import { readError } from './wire.ts';

/** `detail` is what Bloomreach said, where it said something that tells nothing about the right. */
export type Right = { verdict: 'granted' | 'lacking' } | { verdict: 'unclear'; detail: string };

export interface KeyProbe {
  /** Why the key and the project do not open anything; undefined where they do. */
  locked(): Promise<Failure | undefined>;
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
 * A customer without an id is nobody: a command for them is documented to be refused, with `At least
 * one id should be specified.`, so nothing is set, and no customer or event comes to be.
 * https://documentation.bloomreach.com/engagement/reference/tracking-api-error-messages
 */
const NOBODY = {};

const settingForNobody: TrackCommand = {
  id: 'probe',
  name: 'customers',
  data: { customer_ids: NOBODY, properties: { passmachine_pass_id: '' } },
};

const eventOfNobody: TrackCommand = {
  id: 'probe',
  name: 'customers/events',
  data: { customer_ids: NOBODY, event_type: 'passmachine', properties: {} },
};

/**
 * An export only reads. This one is of a segmentation and in a format that do not exist, so that no
 * customer's data are even computed; should it be answered all the same, the answer is cut at 1 MB.
 */
const impossibleExport = {
  attributes: { type: 'some', list: [{ type: 'id', id: 'registered' }] },
  filter: { type: 'segment', segmentation_id: 'passbridge-probe', segment_index: 0 },
  format: 'passbridge-probe',
};

export function makeKeyProbe(options: Options): KeyProbe {
  const { http, projectToken, apiKeyId, apiSecret } = options;
  const tracking = makeTrackingClient(options);

  const mayTrack = async (command: TrackCommand): Promise<Right> => {
    const result = await tracking.send([command]);
    if (result.kind === 'again') return rightBy(result.failure);
    const refusal = result.refused.get(command.id);
    return refusal === undefined ? { verdict: 'granted' } : rightBy(refusal);
  };

  return {
    async locked() {
      // Documented to be refused with `No commands`, which the client takes for an answer.
      const result = await tracking.send([]);
      return result.kind === 'again' ? result.failure : undefined;
    },
    maySetProperties: () => mayTrack(settingForNobody),
    mayAddEvents: () => mayTrack(eventOfNobody),
    async mayExport() {
      const result = await http.send({
        method: 'POST',
        path: `/data/v2/projects/${encodeURIComponent(projectToken)}/customers/export`,
        headers: { authorization: `Basic ${Buffer.from(`${apiKeyId}:${apiSecret}`).toString('base64')}` },
        body: JSON.stringify(impossibleExport),
      });
      const trouble = batchFailure(result);
      if (trouble !== undefined) return rightBy(trouble);
      // A 200 may be a refusal as well. If it is an export, it was allowed.
      const words = result.answered ? readError(result.text) : '';
      return { verdict: permissionWords.test(words) ? 'lacking' : 'granted' };
    },
  };
}

/** Only what is known to be said about content counts as a right; a server in trouble tells nothing. */
function rightBy({ code, status, detail }: Failure): Right {
  if (status === 403 || permissionWords.test(detail)) return { verdict: 'lacking' };
  const aboutContent = code === 'BR_BATCH_REFUSED' || code === 'BR_COMMAND_REFUSED';
  return aboutContent ? { verdict: 'granted' } : { verdict: 'unclear', detail };
}
