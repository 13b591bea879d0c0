/**
 * Bloomreach's batch tracking call. Results must be matched by `command_id`, not by position, and HTTP 200 is not
 * success: commands can fail inside it.
 * Limits: https://documentation.bloomreach.com/engagement/reference/batch-commands-2
 */

import { failure, type Failure } from '../domain/failures/failure.ts';
import type { Json } from '../domain/jobs/program.ts';
import type { HttpClient } from '../kit/http/client.ts';
import { isObject } from '../kit/is-object.ts';
import { bloomreachFailure, type CommandResult, readBatchAnswer, answerWithoutResults } from './answers.ts';

/** One command about one customer. */
export interface TrackCommand {
  /** Unique within a batch; the answer repeats it. */
  id: string;
  name: 'customers' | 'customers/events';
  /** `{customer_ids, properties}` or `{customer_ids, event_type, timestamp, properties}`. */
  data: Json;
  /** For attributes: when they were valid, ms since 1970. Bloomreach ignores them if it has later ones; absent: now. */
  at?: number;
}

/**
 * `failed`: the whole call failed, through no fault of a command. `answered`: the refused commands by id. `stopped`:
 * {@link BeforeCall} stopped a batch that was being bisected; some commands may have been accepted.
 */
export type BatchResult =
  | { kind: 'failed'; failure: Failure }
  | { kind: 'answered'; refused: ReadonlyMap<string, Failure> }
  | { kind: 'stopped' };

/** Called before each call of a bisected batch after the first; false stops it. */
export type BeforeCall = () => Promise<boolean>;

export interface TrackingClient {
  /** Sends up to 50 commands and 800 KB; the caller must keep to both limits. */
  send(commands: readonly TrackCommand[], beforeCall?: BeforeCall): Promise<BatchResult>;
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

  const call = async (commands: readonly TrackCommand[]): Promise<BatchResult> => {
    const body = JSON.stringify({ commands: commands.map(commandOf) });
    const result = await http.send({ method: 'POST', path, headers: { authorization }, body });
    const failed = bloomreachFailure(result);
    if (failed !== undefined) return { kind: 'failed', failure: failed };
    const results = readBatchAnswer(result.answered ? result.text : '');
    if (results === undefined) return { kind: 'failed', failure: answerWithoutResults(result) };
    return { kind: 'answered', refused: readRefusals(commands, results) };
  };

  const send = async (commands: readonly TrackCommand[], beforeCall?: BeforeCall): Promise<BatchResult> => {
    const result = await call(commands);
    if (result.kind !== 'failed' || result.failure.code !== 'BR_BATCH_REFUSED') return result;
    return bisect(commands, result.failure, beforeCall);
  };

  /** One malformed command makes Bloomreach refuse the whole batch: sends halves until it is found. */
  const bisect = async (
    commands: readonly TrackCommand[],
    refusal: Failure,
    beforeCall: BeforeCall = async () => true,
  ): Promise<BatchResult> => {
    const [first] = commands;
    if (first === undefined || commands.length === 1) {
      return { kind: 'answered', refused: new Map(first && [[first.id, refusal]]) };
    }
    const half = Math.ceil(commands.length / 2);
    const refused = new Map<string, Failure>();
    for (const part of [commands.slice(0, half), commands.slice(half)]) {
      if (!(await beforeCall())) return { kind: 'stopped' };
      const result = await send(part, beforeCall);
      if (result.kind !== 'answered') return result;
      for (const [id, why] of result.refused) refused.set(id, why);
    }
    return { kind: 'answered', refused };
  };

  return { send };
}

function commandOf({ id, name, data, at }: TrackCommand): Json {
  const isDated = name === 'customers' && at !== undefined && isObject(data);
  return { name, command_id: id, data: isDated ? { ...data, update_timestamp: at / 1000 } : data };
}

/** Returns the commands that were not accepted. A command missing from the answer counts as refused. */
function readRefusals(
  commands: readonly TrackCommand[],
  results: ReadonlyMap<string, CommandResult>,
): Map<string, Failure> {
  return new Map(
    commands.flatMap(({ id }) => {
      const result = results.get(id);
      if (result?.success === true) return [];
      const detail = result?.errors ?? 'Bloomreach’s answer does not mention this command';
      return [[id, failure('BR_COMMAND_REFUSED', detail, { status: 200 })] as const];
    }),
  );
}
