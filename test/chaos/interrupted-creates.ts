/**
 * The creates that were marked as sent when a process was killed or suspended, read from Redis. Only for these may
 * passbridge not know whether they were sent: any other unknown row must have a request that Passmachine has seen.
 */

import type { Redis } from 'ioredis';
import { campaignAndRow } from '../../src/domain/jobs/job-id.ts';
import { sleep } from '../../src/kit/clock.ts';
import type { Witness } from '../../src/sandbox/witness.ts';

/** One kill or suspension. */
export interface Interruption {
  /** By the clock of the witness. */
  at: number;
  /** Rows of the creates whose claims appear at this one first. */
  marked: ReadonlySet<number>;
}

export interface InterruptedCreates {
  /** Kills or suspends a process, and records the claims that are left. */
  interrupt(process: () => unknown): Promise<void>;
  /** The kills and suspensions so far, oldest first. */
  readonly interruptions: readonly Interruption[];
}

/** By then Redis has processed what the process had sent. Claims of a dead process stay for 12 s at least. */
const SENT_COMMANDS_MS = 100;

export function openInterruptedCreates(
  redis: Redis,
  prefix: string,
  { now }: Pick<Witness, 'now'>,
): InterruptedCreates {
  const known = new Set<string>();
  const interruptions: Interruption[] = [];

  const readClaims = async (): Promise<string[]> => {
    const names: string[] = [];
    for await (const page of redis.scanStream({ match: `${prefix}:in-flight:*`, count: 1000 })) {
      names.push(...(page as string[]).filter((name) => !name.includes(':in-flight:card:')));
    }
    const claims = names.length === 0 ? [] : await redis.mget(names);
    return claims.filter((claim) => claim !== null);
  };

  return {
    interruptions,
    async interrupt(process) {
      const at = now();
      await process();
      await sleep(SENT_COMMANDS_MS);
      const sent = (await readClaims()).filter((claim) => !claim.startsWith('?') && !claim.endsWith('~'));
      const added = sent.filter((claim) => !known.has(claim));
      for (const claim of added) known.add(claim);
      // A claim is `{job}@{batch job}#{run}`.
      const rows = added.map((claim) => campaignAndRow(claim.slice(0, claim.indexOf('@')))?.row);
      interruptions.push({ at, marked: new Set(rows.filter((row) => row !== undefined)) });
    },
  };
}
