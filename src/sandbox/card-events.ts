/**
 * The events that the simulated Passmachine sends about the cards it made, also about those whose answer was lost: to
 * Bloomreach's address for events, which is passbridge's if it is the API base URL. Passmachine documents neither their
 * properties nor its retries; this is the likeliest reading.
 */

import { request } from 'undici';
import { sleep } from '../kit/clock.ts';
import { parseExactJson } from '../kit/json/exact-json.ts';
import type { StoredPass } from './passes.ts';

/** Where the events go. */
export interface EventTarget {
  /** Bloomreach's API base URL, e.g. `http://127.0.0.1:3000`. */
  url: string;
  /** The `Authorization` header; absent for a server on loopback without credentials. */
  authorization?: string | undefined;
}

export interface CardEvents {
  /** Sends the event of a new card, or keeps it until there is a target. */
  created(pass: StoredPass): void;
  /** Sets the target and sends the events kept so far; undefined keeps new ones. */
  sendTo(target: EventTarget | undefined): void;
  /** Cards whose event was accepted. */
  readonly sent: number;
  /** Forgets the events that were not sent. */
  clear(): void;
  stop(): void;
}

/** Events that are kept while there is no target. */
const MAX_KEPT = 100_000;
const CONCURRENCY = 4;
/** A receiver that does not accept an event gets it again. */
const RETRY_MS = 250;

interface CardEventsOptions {
  projectToken: string;
  linkTo: (passId: string) => string;
}

export function makeCardEvents({ projectToken, linkTo }: CardEventsOptions): CardEvents {
  const kept: StoredPass[] = [];
  const stopping = new AbortController();
  let target: EventTarget | undefined;
  let senders = 0;
  let sent = 0;

  const send = async (pass: StoredPass, { url, authorization }: EventTarget): Promise<boolean> => {
    try {
      const response = await request(`${url}/track/v2/projects/${projectToken}/customers/events`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(authorization !== undefined && { authorization }),
        },
        body: JSON.stringify(eventOf(pass, linkTo(pass.id))),
        signal: stopping.signal,
      });
      await response.body.dump();
      return response.statusCode === 200;
    } catch {
      return false;
    }
  };

  const sendAll = async () => {
    senders += 1;
    for (;;) {
      const to = target;
      const pass = to === undefined || stopping.signal.aborted ? undefined : kept.shift();
      if (to === undefined || pass === undefined) break;
      if (await send(pass, to)) sent += 1;
      else {
        kept.push(pass);
        await sleep(RETRY_MS, stopping.signal);
      }
    }
    senders -= 1;
  };

  const start = () => {
    if (target === undefined) return;
    for (let free = CONCURRENCY - senders; free > 0 && kept.length > 0; free -= 1) void sendAll();
  };

  return {
    created(pass) {
      if (pass.customer === undefined || kept.length >= MAX_KEPT) return;
      kept.push(pass);
      start();
    },
    sendTo(next) {
      target = next;
      start();
    },
    get sent() {
      return sent;
    },
    clear() {
      kept.length = 0;
    },
    stop: () => stopping.abort(),
  };
}

function eventOf({ id, customer, createdAt, history: [created = '{}'] }: StoredPass, link: string) {
  const { metadata = {} } = parseExactJson(created) as { metadata?: unknown };
  return {
    customer_ids: { registered: customer },
    event_type: 'passmachine',
    timestamp: createdAt / 1000,
    properties: { action: 'created', pass_id: id, link, metadata },
  };
}
