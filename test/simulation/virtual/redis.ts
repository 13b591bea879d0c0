/**
 * The connections of the processes of a world to a real Redis, which runs the real scripts. Three things are
 * virtual: when a command is executed and its reply read, connections that break, and the clock of Redis. A prelude
 * before each script answers `TIME` with virtual time, and keeps the expiry of keys in a sorted set, by which expired
 * keys are deleted before the next command.
 */

import type { RedisConnection } from '../../../src/kit/redis/redis.ts';
import type { Random } from '../random.ts';
import type { RedisServer, Reply } from '../redis-server.ts';
import type { Owner, Scheduler } from '../scheduler.ts';

const NOW = 'simulation:now';
const EXPIRY = 'simulation:expiry';

const prelude = `
local server = redis
local redis = setmetatable({}, { __index = server })
local function virtualNow() return tonumber(server.call('GET', '${NOW}')) end
local function expire(key, ms) server.call('ZADD', '${EXPIRY}', string.format('%.3f', virtualNow() + ms), key) end
redis.call = function(command, key, ...)
  local name = string.upper(command)
  if name == 'TIME' then
    local now = virtualNow()
    local ms = math.floor(now)
    return { string.format('%d', math.floor(ms / 1000)), string.format('%d', ms % 1000 * 1000 + math.floor((now - ms) * 1000)) }
  elseif name == 'PEXPIRE' then
    if server.call('EXISTS', key) == 0 then return 0 end
    expire(key, (...))
    return 1
  elseif name == 'PTTL' then
    if server.call('EXISTS', key) == 0 then return -2 end
    local at = server.call('ZSCORE', '${EXPIRY}', key)
    return at and math.max(0, math.floor(at - virtualNow())) or -1
  elseif name == 'SET' then
    local args, ms, keepsTtl = { ... }, nil, false
    for nth = #args, 2, -1 do
      local option = string.upper(tostring(args[nth]))
      if option == 'PX' then
        ms = tonumber(args[nth + 1])
        table.remove(args, nth)
        table.remove(args, nth)
      elseif option == 'KEEPTTL' then
        keepsTtl = true
        table.remove(args, nth)
      end
    end
    local reply = server.call('SET', key, unpack(args))
    if ms then expire(key, ms) elseif not keepsTtl then server.call('ZREM', '${EXPIRY}', key) end
    return reply
  elseif name == 'DEL' then server.call('ZREM', '${EXPIRY}', key, ...) end
  return server.call(command, key, ...)
end
`;

const tickScript = `
redis.call('SET', '${NOW}', ARGV[1])
local due = redis.call('ZRANGEBYSCORE', '${EXPIRY}', '-inf', ARGV[1])
for _, key in ipairs(due) do
  redis.call('DEL', key)
  redis.call('ZREM', '${EXPIRY}', key)
end`;

const plainScript = `${prelude}return redis.call(unpack(ARGV))`;
/** Commands whose effect depends on the virtual clock. */
const timed = new Set(['set', 'del', 'pexpire', 'pttl']);

interface Command {
  /** For the history. */
  name: string;
  execute: () => Promise<Reply>;
  resolve: (reply: unknown) => void;
  reject: (error: unknown) => void;
}

export interface VirtualConnection {
  redis: RedisConnection;
  /** Number of connections made so far. */
  connects(): number;
  /** Runs `work` in the order of the commands of this connection, as if it were one of them. */
  send<T>(name: string, work: () => T | Promise<T>): Promise<T>;
  isDown(): boolean;
  /** Breaks the connection for `ms`. Commands without a reply are sent again, also those that were executed. */
  breakFor(ms: number): void;
  /** The process died: Redis still executes what has already reached it. */
  abandon(): void;
}

interface Options {
  server: RedisServer;
  scheduler: Scheduler;
  random: Random;
  /** Called after a script or command was executed. */
  onExecuted: (name: string, owner: Owner) => Promise<void>;
}

export function makeVirtualRedis({ server, scheduler, random, onExecuted }: Options) {
  let tickedAt = 0;
  const tick = () => {
    if (tickedAt === scheduler.now()) return;
    tickedAt = scheduler.now();
    void server.script(tickScript, [], [tickedAt.toFixed(3)]);
  };

  const call = (name: string, args: readonly (string | number)[]): Promise<Reply> => {
    tick();
    return timed.has(name) ? server.script(plainScript, [], [name, ...args]) : server.command(name, ...args);
  };

  /** Mostly below a millisecond, sometimes a second: Redis or the network is busy. */
  const latency = () => (random.chance(0.01) ? random.int(5, 1000) : 0.05 + random.next());

  const connect = (owner: Owner): VirtualConnection => {
    let pending: Command[] = [];
    let connects = 1;
    let isDown = false;
    let lastExecution = 0;
    let lastReply = 0;

    const execute = async (command: Command) => {
      const reply = await command.execute();
      await onExecuted(command.name, owner);
      return reply;
    };

    const transmit = (command: Command) => {
      const connection = connects;
      lastExecution = Math.max(lastExecution, scheduler.now() + latency());
      scheduler.at(lastExecution, undefined, async () => {
        if (connection !== connects || isDown || (owner.isDead && !survivors.has(command))) return;
        const reply = await execute(command).catch((error: unknown) => error as Reply);
        lastReply = Math.max(lastReply, scheduler.now() + latency());
        scheduler.at(lastReply, owner, () => {
          if (connection !== connects || isDown) return;
          pending = pending.filter((other) => other !== command);
          if (reply instanceof Error) command.reject(reply);
          else command.resolve(reply);
        });
      });
    };

    /** Commands of a dead process that had left it. */
    const survivors = new Set<Command>();

    const enqueue = (name: string, work: () => Promise<Reply>): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const command = { name, execute: work, resolve, reject };
        pending.push(command);
        if (!isDown) transmit(command);
      });

    const scripts = new Map<string, string>();
    const target = {
      defineCommand: (name: string, { lua }: { lua: string }) => void scripts.set(name, `${prelude}${lua}`),
    };
    const redis = new Proxy(target, {
      get(own, name: string) {
        if (name === 'defineCommand') return own.defineCommand;
        if (name === 'then') return undefined;
        const lua = scripts.get(name);
        if (lua !== undefined) {
          return (count: number, ...rest: (string | number)[]) =>
            enqueue(name, () => {
              tick();
              return server.script(lua, rest.slice(0, count) as string[], rest.slice(count));
            });
        }
        return (...args: unknown[]) => enqueue(name, () => call(name, flatten(args)));
      },
    }) as unknown as RedisConnection;

    return {
      redis,
      connects: () => connects,
      isDown: () => isDown,
      send: async <T>(name: string, work: () => T | Promise<T>) => {
        let result: { value: T } | undefined;
        await enqueue(name, async () => {
          result = { value: await work() };
          return null;
        });
        if (result === undefined) throw new Error(`${name} was not executed`);
        return result.value;
      },
      breakFor(ms) {
        // What has left the process may still be executed, in its order, but the replies are lost.
        const lost = pending.slice(0, random.int(0, pending.length));
        isDown = true;
        scheduler.at(scheduler.now() + 0.01, undefined, async () => {
          for (const command of lost) await execute(command).catch(() => {});
        });
        scheduler.at(scheduler.now() + ms, owner, () => {
          isDown = false;
          connects += 1;
          for (const command of pending) transmit(command);
        });
      },
      abandon() {
        for (const command of pending.slice(0, random.int(0, pending.length))) survivors.add(command);
      },
    };
  };

  return {
    connect,
    /** Reads or writes outside every process, at once. */
    call,
    async reset() {
      tickedAt = 0;
      await server.command('FLUSHALL', 'SYNC');
      tick();
    },
  };
}

function flatten(args: readonly unknown[]): (string | number)[] {
  return args.flatMap((arg): (string | number)[] => {
    if (Array.isArray(arg)) return flatten(arg);
    if (typeof arg === 'object' && arg !== null) return flatten(Object.entries(arg).flat());
    return [arg as string | number];
  });
}
