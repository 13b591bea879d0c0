/**
 * Parses the address of Redis: a server, a master behind sentinels, or a Cluster. Error messages must never
 * quote the address, because it may contain a password.
 */

export interface RedisHost {
  host: string;
  port: number;
}

/** Credentials and transport for the servers. */
interface RedisAccess {
  username?: string;
  password?: string;
  tls: boolean;
}

/** A master, identified by the name that its sentinels know. */
export interface SentinelAddress extends RedisAccess {
  sentinels: readonly RedisHost[];
  master: string;
  /** Credentials for the sentinels themselves. */
  sentinelUsername?: string;
  sentinelPassword?: string;
  db: number;
}

/** Seed nodes of a Cluster, from which the others are discovered. */
export interface ClusterAddress extends RedisAccess {
  nodes: readonly RedisHost[];
}

/** The URL of a server, the unix socket of one, or a replicated or sharded Redis. */
export type RedisAddress = { url: string } | { path: string } | SentinelAddress | ClusterAddress;

/** `problem` completes a sentence that starts with the name of the setting. */
export type RedisAddressResult = { ok: true; value: RedisAddress } | { ok: false; problem: string };

const DEFAULT_PORTS = { server: 6379, sentinel: 26_379 };

/** Parses `redis://…`, `unix:///path`, `redis+sentinel://…` or `redis+cluster://…`; the `rediss` variants use TLS. */
export function parseRedisAddress(text: string): RedisAddressResult {
  const [, scheme = '', rest = ''] = /^([a-z+]+):\/\/(.*)$/i.exec(text) ?? [];
  switch (scheme.toLowerCase()) {
    case 'redis':
    case 'rediss':
      return parseServer(text);
    case 'unix':
      return parseSocket(rest);
    case 'redis+sentinel':
    case 'rediss+sentinel':
      return parseSentinels(rest, scheme.toLowerCase().startsWith('rediss'));
    case 'redis+cluster':
    case 'rediss+cluster':
      return parseCluster(rest, scheme.toLowerCase().startsWith('rediss'));
    default:
      return invalid(
        'must be a redis:// or rediss:// address, unix:///path of a socket, redis+sentinel://host:port,…/master-name or redis+cluster://host:port,…',
      );
  }
}

function parseServer(text: string): RedisAddressResult {
  if (URL.canParse(text)) return { ok: true, value: { url: text } };
  return /^rediss?:\/\/[^/]*,/i.test(text)
    ? invalid('names several servers: use redis+sentinel://… or redis+cluster://…')
    : invalid('must be a redis:// or rediss:// address');
}

function parseSocket(path: string): RedisAddressResult {
  return /^\/[^?#]*[^/?#]$/.test(path)
    ? { ok: true, value: { path: decode(path) } }
    : invalid(
        'must be unix:// and the absolute path of a socket, such as unix:///run/redis/redis-server.sock',
      );
}

function parseSentinels(rest: string, tls: boolean): RedisAddressResult {
  const parts = splitAddress(rest, DEFAULT_PORTS.sentinel);
  if (parts === undefined) return invalid('must be redis+sentinel://host:port,host:port/master-name');
  const [master = '', db = '0', ...more] = parts.path.split('/').map(decode);
  if (master === '') {
    return invalid('lacks the master name that the sentinels use: redis+sentinel://host:port/master-name');
  }
  if (more.length > 0 || !/^\d+$/.test(db)) {
    return invalid('must end with the master name and, optionally, the database number: …/master-name/0');
  }
  const { sentinelUsername, sentinelPassword, ...unknown } = parts.query;
  if (Object.keys(unknown).length > 0) {
    return invalid('may end with ?sentinelUsername=…&sentinelPassword=… and no other parameters');
  }
  return {
    ok: true,
    value: {
      sentinels: parts.hosts,
      master,
      db: Number(db),
      ...parts.login,
      ...(sentinelUsername !== undefined && { sentinelUsername }),
      ...(sentinelPassword !== undefined && { sentinelPassword }),
      tls,
    },
  };
}

function parseCluster(rest: string, tls: boolean): RedisAddressResult {
  const parts = splitAddress(rest, DEFAULT_PORTS.server);
  if (parts === undefined) return invalid('must be redis+cluster://host:port,host:port');
  if (!['', '0'].includes(parts.path)) {
    return invalid('must end with the hosts: a Redis Cluster has only database 0');
  }
  if (Object.keys(parts.query).length > 0) return invalid('must not contain ? parameters');
  return { ok: true, value: { nodes: parts.hosts, ...parts.login, tls } };
}

/** Splits `user:password@host:port,host:port/path?query`, which URL cannot parse because of the host list. */
function splitAddress(rest: string, port: number) {
  const [, login, hostList = '', path = '', query = ''] =
    /^(?:([^@/?]*)@)?([^@/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/.exec(rest) ?? [];
  const hosts = hostList.split(',').map((text) => parseHost(text.trim(), port));
  const valid = hosts.filter((host) => host !== undefined);
  if (valid.length < hosts.length) return undefined;
  return {
    hosts: valid,
    login: parseLogin(login ?? ''),
    path,
    query: Object.fromEntries(new URLSearchParams(query)),
  };
}

function parseHost(text: string, defaultPort: number): RedisHost | undefined {
  const [, ipv6, name, digits] = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const host = ipv6 ?? name;
  const port = digits === undefined ? defaultPort : Number(digits);
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}

/** Without a colon the login is a user name, as in any URL; `:password` authenticates without a user name. */
function parseLogin(login: string): { username?: string; password?: string } {
  const colon = login.indexOf(':');
  const username = decode(colon < 0 ? login : login.slice(0, colon));
  const password = colon < 0 ? '' : decode(login.slice(colon + 1));
  return { ...(username !== '' && { username }), ...(password !== '' && { password }) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function invalid(problem: string): RedisAddressResult {
  return { ok: false, problem };
}
