/**
 * Records which files of a source campaigns have taken, so that no file is sent twice. A campaign takes its
 * file in the script that creates it.
 */

import type { RedisConnection } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';

export interface TakenFile {
  /** Identifies the file and its version. */
  key: string;
  /** Modification time (ms) by the clock of the source. */
  modifiedAt: number;
}

/** A file that a campaign takes when it is created. */
export interface TakeFile extends TakenFile {
  /** Name of the source. */
  source: string;
  /** Takes the file even if another campaign has taken it. */
  again?: boolean;
}

export interface TakenFiles {
  /** The latest taken files of a source: file key → campaign id, and the newest modification time (ms). */
  of(source: string): Promise<{ keys: ReadonlyMap<string, string>; newest: number | undefined }>;
}

/** Files older than the newest taken one are never taken, so few would suffice; the rest is history for operators. */
const KEPT = 200;

/**
 * Lua function: takes a file for a campaign. Returns the id of another campaign that has taken it or a newer
 * one, in which case nothing changes; otherwise nil. See {@link takeArguments}.
 */
export const takeFileLua = `
local function takeFile(taken, campaign, key, modifiedAt, again)
  if key == '' then return nil end
  if again ~= '1' then
    for _, entry in ipairs(redis.call('ZRANGE', taken, 0, -1)) do
      local other = cjson.decode(entry)
      if other.key == key and other.campaign ~= campaign then return other.campaign end
    end
    local newest = redis.call('ZREVRANGE', taken, 0, 0, 'WITHSCORES')
    if newest[2] and tonumber(newest[2]) > tonumber(modifiedAt) then return cjson.decode(newest[1]).campaign end
  end
  redis.call('ZADD', taken, modifiedAt, cjson.encode({ key = key, campaign = campaign }))
  redis.call('ZREMRANGEBYRANK', taken, 0, -${KEPT + 1})
  return nil
end`;

/** Returns the key and the arguments that scripts pass to `takeFile`; an empty file key takes nothing. */
export function takeArguments(
  keys: LedgerKeys,
  take: TakeFile | undefined,
): { taken: string; args: [key: string, modifiedAt: number, again: number] } {
  const { source = '', key = '', modifiedAt = 0, again = false } = take ?? {};
  return { taken: keys.taken(source), args: [key, modifiedAt, again ? 1 : 0] };
}

export function makeTakenFiles(redis: RedisConnection, keys: LedgerKeys): TakenFiles {
  return {
    async of(source) {
      const taken = (await redis.zrange(keys.taken(source), 0, '-1', 'WITHSCORES')).map(String);
      const files = taken.flatMap((entry, index) => {
        if (index % 2 === 1) return [];
        const { key, campaign } = JSON.parse(entry) as { key: string; campaign: string };
        return [{ key, campaign, modifiedAt: Number(taken[index + 1]) }];
      });
      return {
        keys: new Map(files.map(({ key, campaign }) => [key, campaign])),
        newest: files.at(-1)?.modifiedAt,
      };
    },
  };
}
