/** What a browser gets if Redis refused its request or did not answer: what became of it, and when to ask again. */

import { describeRefusal, type RedisRefusal } from '../../kit/redis/refusal.ts';
import type { RefusalProps } from './layout.tsx';

interface RefusedRequest {
  method: string;
  /** Whether it may have changed something before Redis stopped answering. */
  hasBegun?: boolean;
}

interface RedisRefusalPage {
  props: RefusalProps;
  headers: Record<string, string>;
}

const RETRY_AFTER_S = '5';

/** Describes the page, which is sent with status 503. */
export function redisRefusalPage(
  refusal: RedisRefusal,
  { method, hasBegun = false }: RefusedRequest,
): RedisRefusalPage {
  const message = describeRefusal(refusal);
  const headers = { 'retry-after': RETRY_AFTER_S };
  if (method === 'GET') {
    return {
      // An empty address is that of the page itself.
      props: { title: 'This page cannot be shown now', message, back: '', backLabel: 'Reload' },
      headers: { ...headers, refresh: RETRY_AFTER_S },
    };
  }
  if (!hasBegun) return { props: { title: 'Nothing was changed', message }, headers };
  const title = 'It is not known whether this was changed';
  return { props: { title, message: `${message} Check it before you repeat the request.` }, headers };
}
