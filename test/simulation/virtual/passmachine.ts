/**
 * The Passmachine of a world. It takes calls from the HTTP client that the real Passmachine client uses, and may do the
 * work before it answers, after it, or without an answer.
 */

import type { HttpClient, HttpResult } from '../../../src/kit/http/client.ts';
import type { PassAction } from '../../../src/domain/jobs/pass-job.ts';
import { triggersNotification } from '../../../src/domain/campaigns/safeguards/notification-limit.ts';
import type { HistoryEvent } from '../history.ts';
import type { Random } from '../random.ts';
import type { Owner, Scheduler } from '../scheduler.ts';

interface Options {
  scheduler: Scheduler;
  random: Random;
  record: (event: HistoryEvent) => void;
  /** Share of the calls that do not end well, 0 to 1. */
  troubleShare: () => number;
}

/** PASSMACHINE_TIMEOUT_MS, and the longest that Passmachine works on a call. */
export const CALL_TIMEOUT_MS = 10_000;

/** How a call ends. `work`: whether its card is made or changed. */
interface Plan {
  work: 'yes' | 'no' | 'maybe';
  /** Absent: no answer. */
  status?: number;
  text?: string;
  retryAfterMs?: number;
  /** Without an answer: a reset, or silence until the client gives up. */
  isSilent?: boolean;
}

const served: Plan = { work: 'yes', status: 200 };

const troubles: readonly [Plan, ...Plan[]] = [
  { work: 'maybe', status: 502, text: '<html>Bad Gateway</html>' },
  { work: 'maybe', status: 500, text: '{"error":"internal"}' },
  { work: 'maybe', status: 504, text: '' },
  { work: 'maybe', status: 503, text: '' },
  { work: 'no', status: 503, text: '', retryAfterMs: 1000 },
  { work: 'no', status: 429, text: '', retryAfterMs: 2000 },
  { work: 'no', status: 422, text: '{"error":"invalid"}' },
  { work: 'no', status: 401, text: '' },
  { work: 'maybe' },
  { work: 'maybe', isSilent: true },
  { work: 'yes', status: 200, text: '<html>Welcome</html>' },
];

export function makeVirtualPassmachine({ scheduler, random, record, troubleShare }: Options) {
  let calls = 0;
  let cards = 0;

  const carryOut = (call: number, job: string, action: PassAction, path: string, body: unknown): string => {
    if (action !== 'create') {
      const card = decodeURIComponent(path.split('/').at(-1) ?? '');
      const notifies = Array.isArray(body) && body.some(triggersNotification);
      record({ kind: 'card-changed', call, job, card, notifies });
      return '{}';
    }
    const { templateVariables } = body as { templateVariables: { customer: string; voucher?: string } };
    const { customer, voucher } = templateVariables;
    const card = `card-${(cards += 1)}`;
    record({ kind: 'card-made', call, job, customer, card, ...(voucher !== undefined && { voucher }) });
    return JSON.stringify({ data: { id: card } });
  };

  /** The HTTP client of a process. */
  const clientOf = (owner: Owner): HttpClient => ({
    send: ({ method, path, body = '' }) =>
      new Promise<HttpResult>((resolve) => {
        const parsed = JSON.parse(body) as unknown;
        const action = method === 'POST' ? 'create' : actionOf(parsed);
        const job = jobOf(parsed);
        const call = (calls += 1);
        const plan = random.chance(troubleShare()) ? random.pick(troubles) : served;
        const sentAt = scheduler.now();
        const answer = (result: HttpResult) =>
          scheduler.at(scheduler.now() + random.next(), owner, () => resolve(result));
        if (random.chance(0.01)) {
          answer({ answered: false, sent: false, reason: 'connection', detail: 'refused' });
          return;
        }
        const arrivesAt = sentAt + random.next();
        const durationMs =
          plan.isSilent === true
            ? Infinity
            : random.chance(0.03)
              ? random.int(1000, 9500)
              : random.int(5, 200);
        const endsAt = Math.min(arrivesAt + durationMs, sentAt + CALL_TIMEOUT_MS);
        const doesWork = plan.work === 'yes' || (plan.work === 'maybe' && random.chance(0.5));
        const worksAt = arrivesAt + random.next() * (endsAt - arrivesAt);
        let text = plan.text;
        let hasBegun = false;
        scheduler.at(arrivesAt, undefined, () => {
          // A call of a process that died may still be on its way.
          if (owner.isDead && random.chance(0.5)) return;
          hasBegun = true;
          record({ kind: 'call-began', call, process: owner.name, job, action });
        });
        scheduler.at(worksAt, undefined, () => {
          if (!hasBegun || !doesWork) return;
          const done = carryOut(call, job, action, path, parsed);
          text ??= done;
        });
        scheduler.at(endsAt, undefined, () => {
          if (!hasBegun) return;
          const { status, retryAfterMs } = plan;
          const hasProof = doesWork && status === 200 && plan.text === undefined;
          record({ kind: 'call-ended', call, ...(status !== undefined && { answer: status }), hasProof });
          if (status !== undefined) {
            answer({
              answered: true,
              status,
              text: text ?? '',
              ...(retryAfterMs !== undefined && { retryAfterMs }),
            });
          } else if (plan.isSilent !== true) {
            answer({ answered: false, sent: true, reason: 'connection', detail: 'reset' });
          }
        });
        if (plan.isSilent === true) {
          scheduler.at(sentAt + CALL_TIMEOUT_MS, owner, () =>
            resolve({ answered: false, sent: true, reason: 'timeout', detail: 'no response' }),
          );
        }
      }),
    close: async () => {},
  });

  return { clientOf };
}

function jobOf(body: unknown): string {
  if (Array.isArray(body)) return String((body[0] as { job?: string }).job);
  return (body as { metadata: { passbridge_job: string } }).metadata.passbridge_job;
}

function actionOf(body: unknown): PassAction {
  return (body as { path: string }[]).some(({ path }) => path.startsWith('/fields/text'))
    ? 'notify'
    : 'update';
}
