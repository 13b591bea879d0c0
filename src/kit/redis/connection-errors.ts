/** Why no connection to Redis comes about, in words for operators. */

interface ConnectionError {
  pattern: RegExp;
  /** What is wrong and what to do: whole sentences. */
  remedy: string;
  /** Waiting cures it in no case, so it is reported at once. */
  isPermanent?: true;
}

const CORRECT_TLS =
  'Set NODE_EXTRA_CA_CERTS to the file of the authority that issued it, and use in REDIS_URL the name for which it was issued.';

const known: readonly ConnectionError[] = [
  {
    pattern: /cluster support disabled/,
    remedy: 'Redis is not a Cluster. Set REDIS_URL to redis://host:port.',
    isPermanent: true,
  },
  {
    pattern: /No such master|got an invalid reply: null/,
    remedy:
      'The sentinels know no master of that name. Set REDIS_URL to redis+sentinel://host:port/master-name.',
    isPermanent: true,
  },
  {
    pattern: /unknown command\W+sentinel/i,
    remedy: 'Redis is not a sentinel. Set REDIS_URL to redis://host:port, or to the port of the sentinels.',
    isPermanent: true,
  },
  {
    pattern: /NOAUTH|WRONGPASS|invalid password|invalid username-password/,
    remedy: 'Redis rejects the user name or the password in REDIS_URL. Correct them.',
    isPermanent: true,
  },
  {
    pattern: /ECONNREFUSED/,
    remedy: 'Nothing listens on the host and port in REDIS_URL. Start Redis, or correct the address.',
  },
  {
    pattern: /ENOTFOUND|EAI_AGAIN/,
    remedy: 'The host in REDIS_URL is unknown. Correct its name, or the name server of this machine.',
  },
  {
    pattern: /CERT|certificate|ERR_TLS_CERT_ALTNAME_INVALID|altnames/i,
    remedy: `The certificate of Redis cannot be verified. ${CORRECT_TLS}`,
  },
  {
    pattern: /EPROTO|wrong version number|ERR_SSL|packet length too long/i,
    remedy: 'The server in REDIS_URL does not speak TLS on this port. Use redis:// or its TLS port.',
  },
  {
    pattern: /ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/,
    remedy: 'The host in REDIS_URL cannot be reached. Correct the address, or open the port in the firewall.',
  },
  {
    pattern: /ENOENT/,
    remedy: 'There is no socket of Redis at that path. Start Redis, or correct the path.',
  },
];

const CLOSED =
  'Something accepts connections there but does not answer as Redis does. Correct REDIS_URL; if the port wants TLS, it must begin with rediss://.';

/** Returns what an operator can do about an error of the connection, given its message. */
export function connectionRemedy(message: string): string {
  return known.find(({ pattern }) => pattern.test(message))?.remedy ?? CLOSED;
}

/** Returns the remedy of an error that no waiting cures; undefined for any other. */
export function permanentRemedy(message: string): string | undefined {
  return known.find(({ pattern, isPermanent }) => isPermanent === true && pattern.test(message))?.remedy;
}
