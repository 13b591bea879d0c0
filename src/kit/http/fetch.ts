/** The `fetch` function for libraries that bring no HTTP client of their own. */

import { EnvHttpProxyAgent, fetch as undiciFetch } from 'undici';
import type { ProxySettings } from './proxy.ts';

type Fetch = (url: string, init: object) => Promise<Response>;

/** Returns a fetch that uses the configured proxies. */
export function fetchThrough({ http, https, exceptions }: ProxySettings): Fetch {
  const dispatcher = new EnvHttpProxyAgent({
    // An absent option would be read from the environment.
    httpProxy: http?.href ?? '',
    httpsProxy: https?.href ?? '',
    noProxy: exceptions,
  });
  // Both are the same implementation; undici types its Response by its own names.
  return (url, init) => undiciFetch(url, { ...init, dispatcher }) as unknown as Promise<Response>;
}
