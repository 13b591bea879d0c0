/**
 * Where Redis is, read from one address: a server, a master that sentinels know, or a Cluster.
 * Messages never quote the address: it may hold a password.
 */

export interface RedisHost {
  host: string;
  port: number;
}

/** What the servers ask of whoever connects. */
interface RedisAccess {
  username?: string;
  password?: string;
  tls: boolean;
}

/** A master by the name that its sentinels have for it. */
export interface SentinelAddress extends RedisAccess {
  sentinels: readonly RedisHost[];
  master: string;
  /** The sentinels' own credentials. */
  sentinelUsername?: string;
  sentinelPassword?: string;
  db: number;
}

/** Some nodes of a Cluster; the others are found by asking them. */
export interface ClusterAddress extends RedisAccess {
  nodes: readonly RedisHost[];
}

/** A server's URL, the unix socket of a private one, or several servers that are one Redis together. */
export type RedisAddress = { url: string } | { path: string } | SentinelAddress | ClusterAddress;

/** The address, or what is wrong with the text, to be put behind the name of its setting. */
export type RedisAddressReading = { ok: true; value: RedisAddress } | { ok: false; problem: string };

const PORTS = { server: 6379, sentinel: 26_379 };

/** Reads `redis://…`, `redis+sentinel://…` or `redis+cluster://…`; with `rediss` they go over TLS. */
export function readRedisAddress(text: string): RedisAddressReading {
  const [, scheme = '', rest = ''] = /^([a-z+]+):\/\/(.*)$/i.exec(text) ?? [];
  switch (scheme.toLowerCase()) {
    case 'redis':
    case 'rediss':
      return readServer(text);
    case 'redis+sentinel':
    case 'rediss+sentinel':
      return readSentinels(rest, scheme.startsWith('rediss'));
    case 'redis+cluster':
    case 'rediss+cluster':
      return readCluster(rest, scheme.startsWith('rediss'));
    default:
      return wrong(
        'must be a redis:// or rediss:// address, redis+sentinel://host:port,…/master-name or redis+cluster://host:port,…',
      );
  }
}

function readServer(text: string): RedisAddressReading {
  if (URL.canParse(text)) return { ok: true, value: { url: text } };
  return /^rediss?:\/\/[^/]*,/i.test(text)
    ? wrong('names several servers: write redis+sentinel://… or redis+cluster://… for them')
    : wrong('must be a redis:// or rediss:// address');
}

function readSentinels(rest: string, tls: boolean): RedisAddressReading {
  const parts = takeApart(rest, PORTS.sentinel);
  if (parts === undefined) return wrong('must be redis+sentinel://host:port,host:port/master-name');
  const [master = '', db = '0', ...more] = parts.path.split('/').map(decoded);
  if (master === '') {
    return wrong(
      'lacks the name that the sentinels have for the master: redis+sentinel://host:port/master-name',
    );
  }
  if (more.length > 0 || !/^\d+$/.test(db)) {
    return wrong(
      'must end with the name of the master and, if need be, the number of the database: …/master-name/0',
    );
  }
  const { sentinelUsername, sentinelPassword, ...unknown } = parts.query;
  const [stranger] = Object.keys(unknown);
  if (stranger !== undefined) {
    return wrong('may have ?sentinelUsername=…&sentinelPassword=… at its end, and nothing else there');
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

function readCluster(rest: string, tls: boolean): RedisAddressReading {
  const parts = takeApart(rest, PORTS.server);
  if (parts === undefined) return wrong('must be redis+cluster://host:port,host:port');
  if (!['', '0'].includes(parts.path)) {
    return wrong('must end with the hosts: a Redis Cluster has no database but 0');
  }
  if (Object.keys(parts.query).length > 0) return wrong('must be an address without ?');
  return { ok: true, value: { nodes: parts.hosts, ...parts.login, tls } };
}

/** `user:password@host:port,host:port/path?query`, which is no URL for the list of hosts in it. */
function takeApart(rest: string, port: number) {
  const [, login, places = '', path = '', query = ''] =
    /^(?:([^@/?]*)@)?([^@/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/.exec(rest) ?? [];
  const hosts = places.split(',').map((place) => readHost(place.trim(), port));
  const known = hosts.filter((host) => host !== undefined);
  if (known.length < hosts.length) return undefined;
  return {
    hosts: known,
    login: readLogin(login ?? ''),
    path,
    query: Object.fromEntries(new URLSearchParams(query)),
  };
}

function readHost(place: string, standardPort: number): RedisHost | undefined {
  const [, six, plain, digits] = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i.exec(place) ?? [];
  const host = six ?? plain;
  const port = digits === undefined ? standardPort : Number(digits);
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}

/** Without a colon it is a user name, as in every URL; `:password` is the password of older servers. */
function readLogin(login: string): { username?: string; password?: string } {
  const colon = login.indexOf(':');
  const username = decoded(colon < 0 ? login : login.slice(0, colon));
  const password = colon < 0 ? '' : decoded(login.slice(colon + 1));
  return { ...(username !== '' && { username }), ...(password !== '' && { password }) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function wrong(problem: string): RedisAddressReading {
  return { ok: false, problem };
}
