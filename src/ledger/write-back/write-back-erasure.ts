/**
 * Takes write-backs away that Bloomreach has not yet: from the outbox, from what gathers for an
 * import, and from parcels. They count as if there had been nothing to save.
 */

import type { RedisConnection } from '../../kit/redis/redis.ts';
import type { WriteBack } from '../../domain/jobs/write-back.ts';
import { defineScript } from '../../kit/redis/redis.ts';
import type { LedgerKeys } from '../keys.ts';

/** A write-back where it waits. */
export interface WaitingWriteBack {
  writeBack: WriteBack;
  /** Whether it was still there. */
  erase(): Promise<boolean>;
}

export interface WriteBackErasure {
  /** All that wait in the outbox, in pages; some perhaps twice. */
  outbox(): AsyncIterable<WaitingWriteBack[]>;
  /** All of a campaign that are in no parcel yet. */
  pendingImport(campaign: string): AsyncIterable<WaitingWriteBack[]>;
  /** All that are in parcels. */
  importBatches(): AsyncIterable<WaitingWriteBack[]>;
}

const eraseScript = `
local outbox, due, campaign = unpack(KEYS)
redis.call('ZREM', due, ARGV[1])
local erased = redis.call('HDEL', outbox, ARGV[1])
if erased > 0 then redis.call('HINCRBY', campaign, 'saves', -erased) end
return erased`;

const erasePendingScript = `
local loose, campaign = unpack(KEYS)
local erased = redis.call('LREM', loose, 1, ARGV[1])
if erased > 0 then redis.call('HINCRBY', campaign, 'saves', -erased) end
return erased`;

/** Its place stays, empty: whoever fetches the parcel page by page would miss another one otherwise. */
const eraseFromImportBatchScript = `
local contents, parcel, campaign = unpack(KEYS)
local at = redis.call('LPOS', contents, ARGV[1])
if not at then return 0 end
redis.call('LSET', contents, at, '')
redis.call('HINCRBY', parcel, 'rows', -1)
redis.call('HINCRBY', campaign, 'saves', -1)
return 1`;

/** Looked at at once. */
const STEP = 500;

export function makeWriteBackErasure(redis: RedisConnection, keys: LedgerKeys): WriteBackErasure {
  const erase = defineScript(redis, 'eraseWriteBack', eraseScript);
  const erasePending = defineScript(redis, 'eraseLooseWriteBack', erasePendingScript);
  const eraseFromImportBatch = defineScript(redis, 'eraseFromParcel', eraseFromImportBatchScript);

  /** From its end: what is taken out meanwhile moves nothing that is still to be looked at. */
  async function* listed(
    key: string,
    eraseOne: (text: string, writeBack: WriteBack) => Promise<unknown>,
  ): AsyncGenerator<WaitingWriteBack[]> {
    for (let end = await redis.llen(key); end > 0; end -= STEP) {
      const page = await redis.lrange(key, Math.max(0, end - STEP), end - 1);
      yield page
        .filter((text) => text !== '')
        .map((text) => {
          const writeBack = JSON.parse(text) as WriteBack;
          return { writeBack, erase: async () => (await eraseOne(text, writeBack)) === 1 };
        });
    }
  }

  return {
    async *outbox() {
      let cursor = '0';
      do {
        const [next, flat] = await redis.hscan(keys.outbox, cursor, 'COUNT', STEP);
        cursor = next;
        // Field, value, field, value, …
        yield flat
          .filter((_, index) => index % 2 === 1)
          .map((text) => {
            const writeBack = JSON.parse(text) as WriteBack;
            const where = [keys.outbox, keys.outboxDue, keys.campaign(writeBack.campaign)];
            return { writeBack, erase: async () => (await erase(where, [writeBack.id])) === 1 };
          });
      } while (cursor !== '0');
    },
    pendingImport: (campaign) =>
      listed(keys.pendingImport(campaign), (text) =>
        erasePending([keys.pendingImport(campaign), keys.campaign(campaign)], [text]),
      ),
    async *importBatches() {
      for (const id of await redis.zrange(keys.importBatches, 0, '-1')) {
        yield* listed(keys.importBatchRows(id), (text, { campaign }) =>
          eraseFromImportBatch(
            [keys.importBatchRows(id), keys.importBatch(id), keys.campaign(campaign)],
            [text],
          ),
        );
      }
    },
  };
}
