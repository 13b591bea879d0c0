/**
 * Bloomreach's batch tracking call. Results are matched by `command_id`, never by position, and
 * HTTP 200 is not success: single commands fail inside it.
 * Limits by https://documentation.bloomreach.com/engagement/reference/batch-commands-2.
 */

import { failure, type Failure } from '../domain/failures/failure.ts';
import type { Json } from '../domain/jobs/program.ts';
import type { HttpClient } from '../kit/http/http.ts';
import { batchFailure } from './failure-map.ts';
import { readBatchAnswer } from './wire.ts';

/** One thing to tell Bloomreach about one customer. */
export interface TrackCommand {
  /** Unique within a batch; echoed with the result. */
  id: string;
  name: 'customers' | 'customers/events';
  /** `{customer_ids, properties, update_timestamp}` or `{customer_ids, event_type, timestamp, properties}`. */
  data: Json;
}

/** Whole-batch trouble that is nobody's fault in it (`again`), or a verdict on each command by its id. */
export type BatchResult =
  | { kind: 'again'; failure: Failure }
  | { kind: 'answered'; refused: ReadonlyMap<string, Failure> };

export interface TrackingClient {
  /** Sends up to 50 commands and 800 KB: the caller keeps to both. */
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
    const trouble = batchFailure(result);
    if (trouble?.code === 'BR_BATCH_REFUSED') return bisect(commands, trouble);
    if (trouble !== undefined) return { kind: 'again', failure: trouble };
    return { kind: 'answered', refused: readRefusals(commands, result.answered ? result.text : '') };
  };

  /** One malformed command makes Bloomreach refuse the whole batch: halves find it, the rest go through. */
  const bisect = async (commands: readonly TrackCommand[], trouble: Failure): Promise<BatchResult> => {
    const [first] = commands;
    if (first === undefined || commands.length === 1) {
      return { kind: 'answered', refused: new Map(first && [[first.id, trouble]]) };
    }
    const half = Math.ceil(commands.length / 2);
    const left = await send(commands.slice(0, half));
    if (left.kind === 'again') return left;
    const right = await send(commands.slice(half));
    if (right.kind === 'again') return right;
    return { kind: 'answered', refused: new Map([...left.refused, ...right.refused]) };
  };

  return { send };
}

/** The commands that were not accepted. One that the answer does not mention counts as refused: 200 is no promise. */
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
