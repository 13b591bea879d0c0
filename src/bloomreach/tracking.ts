/**
 * Bloomreach's batch tracking call. Results must be matched by `command_id`, not by position, and HTTP 200 is not
 * success: commands can fail inside it.
 * Limits: https://documentation.bloomreach.com/engagement/reference/batch-commands-2
 */

import { failure, type Failure } from '../domain/failures/failure.ts';
import type { Json } from '../domain/jobs/program.ts';
import type { HttpClient } from '../kit/http/client.ts';
import { bloomreachFailure, readBatchAnswer } from './answers.ts';

/** One command about one customer. */
export interface TrackCommand {
  /** Unique within a batch; the answer repeats it. */
  id: string;
  name: 'customers' | 'customers/events';
  /** `{customer_ids, properties, update_timestamp}` or `{customer_ids, event_type, timestamp, properties}`. */
  data: Json;
}

/** `failed`: the whole call failed, through no fault of a command. `answered`: the refused commands by id. */
export type BatchResult =
  | { kind: 'failed'; failure: Failure }
  | { kind: 'answered'; refused: ReadonlyMap<string, Failure> };

export interface TrackingClient {
  /** Sends up to 50 commands and 800 KB; the caller must keep to both limits. */
  send(commands: readonly TrackCommand[]): Promise<BatchResult>;
}

interface Options {
  http: HttpClient;
  projectToken: string;
  apiKeyId: string;
  apiSecret: string;
}

export function makeTrackingClient({ http, projectToken, apiKeyId, apiSecret }: Options): TrackingClient {
  const path = `/track/v2/projects/${encodeURIComponent(projectToken)}/batch`;
  const authorization = `Basic ${Buffer.from(`${apiKeyId}:${apiSecret}`).toString('base64')}`;

  const send = async (commands: readonly TrackCommand[]): Promise<BatchResult> => {
    const body = JSON.stringify({
      commands: commands.map(({ id, name, data }) => ({ name, command_id: id, data })),
    });
    const result = await http.send({ method: 'POST', path, headers: { authorization }, body });
    const failed = bloomreachFailure(result);
    if (failed?.code === 'BR_BATCH_REFUSED') return bisect(commands, failed);
    if (failed !== undefined) return { kind: 'failed', failure: failed };
    return { kind: 'answered', refused: readRefusals(commands, result.answered ? result.text : '') };
  };

  /** One malformed command makes Bloomreach refuse the whole batch: sends halves until it is found. */
  const bisect = async (commands: readonly TrackCommand[], refusal: Failure): Promise<BatchResult> => {
    const [first] = commands;
    if (first === undefined || commands.length === 1) {
      return { kind: 'answered', refused: new Map(first && [[first.id, refusal]]) };
    }
    const half = Math.ceil(commands.length / 2);
    const left = await send(commands.slice(0, half));
    if (left.kind === 'failed') return left;
    const right = await send(commands.slice(half));
    if (right.kind === 'failed') return right;
    return { kind: 'answered', refused: new Map([...left.refused, ...right.refused]) };
  };

  return { send };
}

/** Returns the commands that were not accepted. A command missing from the answer counts as refused. */
function readRefusals(commands: readonly TrackCommand[], text: string): Map<string, Failure> {
  const results = readBatchAnswer(text);
  return new Map(
    commands.flatMap(({ id }) => {
      const result = results.get(id);
      if (result?.success === true) return [];
      const detail = result?.errors ?? 'Bloomreach’s answer does not mention this command';
      return [[id, failure('BR_COMMAND_REFUSED', detail, { status: 200 })] as const];
    }),
  );
}
