/**
 * The way to an origin: directly, or through a proxy. A proxy forwards calls to http:// origins (RFC 9112 §3.2.2) and
 * opens a tunnel to https:// origins (RFC 9110 §9.3.6).
 */

import { buildConnector, Client } from 'undici';
import { proxyName } from './proxy.ts';

export interface Route {
  /** Where connections are opened to. */
  origin: string;
  connect: buildConnector.connector;
  /** Put before the path of every call. */
  pathPrefix: string;
  /** Added to every call. */
  headers: Record<string, string>;
}

/** `timeoutMs` limits the opening of a connection. */
export function makeRoute(origin: string, proxy: URL | undefined, timeoutMs: number): Route {
  const direct = buildConnector({ timeout: timeoutMs });
  if (proxy === undefined) return { origin, connect: direct, pathPrefix: '', headers: {} };
  const { protocol, host } = new URL(origin);
  if (protocol === 'https:') {
    return { origin, connect: makeTunnel(proxy, direct, timeoutMs), pathPrefix: '', headers: {} };
  }
  const headers = { host, ...authorizationFor(proxy) };
  return { origin: proxy.origin, connect: direct, pathPrefix: origin, headers };
}

/** Connects to the proxy, asks it for a tunnel, and starts TLS with the origin inside. */
function makeTunnel(
  proxy: URL,
  startTls: buildConnector.connector,
  timeoutMs: number,
): buildConnector.connector {
  const openTunnel = async (authority: string) => {
    const client = new Client(proxy.origin, { connect: { timeout: timeoutMs } });
    try {
      const { statusCode, socket } = await client.connect({
        path: authority,
        headers: { host: authority, ...authorizationFor(proxy) },
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (statusCode === 200) return socket;
      socket.destroy();
      throw new Error(`answered ${statusCode} to CONNECT ${authority}`);
    } finally {
      void client.close().catch(() => {});
    }
  };

  return (options, callback) => {
    const { hostname, port } = options;
    const host = hostname.includes(':') ? `[${hostname.replace(/^\[|\]$/g, '')}]` : hostname;
    const connectThrough = async () => {
      try {
        const socket = await openTunnel(`${host}:${port === '' ? '443' : port}`);
        startTls({ ...options, httpSocket: socket as NonNullable<typeof options.httpSocket> }, callback);
      } catch (error) {
        callback(new Error(proxyProblem(proxy, error), { cause: error }), null);
      }
    };
    void connectThrough();
  };
}

function proxyProblem(proxy: URL, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? `${String(error.code)}: ` : '';
  const reason = error instanceof Error ? error.message : String(error);
  return `the proxy ${proxyName(proxy)} opened no tunnel: ${code}${reason}`;
}

function authorizationFor({ username, password }: URL): Record<string, string> {
  if (username === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}
