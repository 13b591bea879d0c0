/** A redis-server for worlds alone, and a connection that sends one command after the other. */

import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRedisServer } from '../../src/kit/private-redis/find-binary.ts';

export type Reply = string | number | null | Reply[] | ReplyError;

/** Has the name by which passbridge recognizes an error that Redis itself reports. */
export class ReplyError extends Error {
  override name = 'ReplyError';
}

export interface RedisServer {
  command(...args: (string | number)[]): Promise<Reply>;
  /** Runs a Lua script; its text is sent once. */
  script(lua: string, keys: readonly string[], args: readonly (string | number)[]): Promise<Reply>;
  stop(): Promise<void>;
}

/**
 * Small hashes, sets and sorted sets keep the order of their insertion. Large ones are ordered by a hash seed of which
 * every server draws its own, which would make histories differ.
 */
const settings = [
  '--port 0 --save "" --appendonly no --activerehashing no --hz 1 --databases 1',
  '--hash-max-listpack-entries 100000 --hash-max-listpack-value 1000000',
  '--zset-max-listpack-entries 100000 --zset-max-listpack-value 1000000',
  '--list-max-listpack-size 100000 --latency-tracking no',
]
  .join(' ')
  .split(' ')
  .map((word) => (word === '""' ? '' : word));

/** Starts a server on a Unix socket in a folder of its own. */
export async function startRedisServer(): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'passbridge-simulation-'));
  const path = join(folder, 'redis.sock');
  const cacheDir = join(homedir(), '.cache', 'passbridge', 'redis-server');
  const { file, env } = await findRedisServer({ cacheDir, env: process.env, say: () => {} });
  const server = spawn(file, ['--unixsocket', path, '--dir', folder, ...settings], { env, stdio: 'ignore' });
  const endWithUs = () => void server.kill('SIGKILL');
  process.once('exit', endWithUs);
  const socket = await connectWhenUp(path, server);
  const scripts = new Map<string, string>();
  const waiting: { resolve: (reply: Reply) => void }[] = [];
  const parser = makeParser((reply) => waiting.shift()?.resolve(reply));
  socket.on('data', parser);

  // Commands of the same turn leave with one write.
  let unsent = '';
  const flush = () => {
    socket.write(unsent);
    unsent = '';
  };

  const command: RedisServer['command'] = (...args) =>
    new Promise((resolve) => {
      waiting.push({ resolve });
      if (unsent === '') queueMicrotask(flush);
      unsent += encode(args);
    });

  return {
    command,
    async script(lua, keys, args) {
      let sha = scripts.get(lua);
      if (sha === undefined) {
        sha = createHash('sha1').update(lua).digest('hex');
        scripts.set(lua, sha);
        const loaded = await command('SCRIPT', 'LOAD', lua);
        if (loaded instanceof ReplyError) throw loaded;
      }
      return command('EVALSHA', sha, keys.length, ...keys, ...args);
    },
    async stop() {
      socket.destroy();
      process.off('exit', endWithUs);
      server.kill('SIGKILL');
      await once(server, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Milliseconds between two attempts to connect, and the number of attempts. */
const [CONNECT_MS, CONNECT_ATTEMPTS] = [50, 600];

async function connectWhenUp(path: string, server: ChildProcess): Promise<Socket> {
  for (let attempt = 1; ; attempt += 1) {
    const socket = connect(path);
    const isUp = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    if (isUp) return socket;
    if (attempt === CONNECT_ATTEMPTS || server.exitCode !== null)
      throw new Error('redis-server did not start');
    await new Promise((resolve) => setTimeout(resolve, CONNECT_MS));
  }
}

function encode(args: readonly (string | number)[]): string {
  const parts = args.map((arg) => {
    const text = String(arg);
    return `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
  });
  return `*${args.length}\r\n${parts.join('')}`;
}

/** Returns the function that takes the bytes of the socket and calls `onReply` for each complete reply. */
function makeParser(onReply: (reply: Reply) => void): (chunk: Buffer) => void {
  let buffer: Buffer = Buffer.alloc(0);
  let offset = 0;

  /** Throws {@link incomplete} if the reply is not complete yet. */
  const read = (): Reply => {
    const end = buffer.indexOf('\r\n', offset);
    if (end < 0) throw incomplete;
    const [type, text] = [buffer[offset], buffer.toString('utf8', offset + 1, end)];
    offset = end + 2;
    switch (String.fromCharCode(type ?? 0)) {
      case ':':
        return Number(text);
      case '$': {
        const length = Number(text);
        if (length < 0) return null;
        if (buffer.length < offset + length + 2) throw incomplete;
        const bulk = buffer.toString('utf8', offset, offset + length);
        offset += length + 2;
        return bulk;
      }
      case '*':
        return Number(text) < 0 ? null : Array.from({ length: Number(text) }, read);
      case '-':
        return new ReplyError(text);
      default:
        return text;
    }
  };

  return (chunk) => {
    buffer = Buffer.concat([buffer.subarray(offset), chunk]);
    offset = 0;
    while (offset < buffer.length) {
      const start = offset;
      try {
        onReply(read());
      } catch (error) {
        if (error !== incomplete) throw error;
        offset = start;
        return;
      }
    }
  };
}

const incomplete = new Error('the reply is not complete');
