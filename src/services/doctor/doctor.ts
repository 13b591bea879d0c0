/** Looks at everything that passbridge needs, changes nothing, and says what to do about what it finds. */

import { readFile } from 'node:fs/promises';
import type { ConfigWith } from '../../config/config.ts';
import type { Programs } from '../../programs/file/programs.ts';
import type { Sources } from '../../programs/file/sources.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Host } from '../stores.ts';
import { addressFinding } from './addresses.ts';
import { lookAtBloomreach } from './bloomreach.ts';
import { diskFinding } from './disk.ts';
import type { Finding } from './finding.ts';
import { operatorsFinding } from './operators.ts';
import { lookAtPassmachine } from './passmachine.ts';
import { programsFileFindings } from './programs-file.ts';
import { lookAtPrograms } from './programs.ts';
import { lookAtRedis } from './redis.ts';
import { type Check, runChecks } from './run-checks.ts';
import { secretsOf } from './secrets.ts';
import { webhookFinding } from './webhooks.ts';

interface Patient {
  config: ConfigWith<'passmachine' | 'bloomreach'>;
  programs: Programs;
  sources: Sources;
  /** An export to compare the templates with. */
  file?: string | undefined;
}

const LIMIT_MS = 10_000;
/** A private Redis may have to be fetched first. */
const FETCH_LIMIT_MS = 180_000;

/** The findings, in an order that does not change. Never rejects. */
export function examine(
  { config, programs, sources, file }: Patient,
  host: Host,
  clock: Clock,
): Promise<Finding[]> {
  const { redis, passmachine, bloomreach, customers, files, http } = config;
  const exports = [...sources.values()].some(({ kind }) => kind === 'segment');
  const checks: Check[] = [
    {
      name: 'redis',
      ...(redis.address === undefined && { limitMs: FETCH_LIMIT_MS }),
      look: () => lookAtRedis(config, host),
    },
    { name: 'passmachine-token', look: () => lookAtPassmachine(passmachine, clock) },
    { name: 'bloomreach-access', look: () => lookAtBloomreach(bloomreach, { clock, exports }) },
    {
      name: 'programs-file',
      look: async () =>
        programsFileFindings({
          path: files.programs,
          text: await readFile(files.programs, 'utf8'),
          programs: [...programs.values()],
          secrets: secretsOf(config),
        }),
    },
    {
      name: 'templates',
      look: () => lookAtPrograms({ programs: [...programs.values()], file, idTypes: customers.idTypes }),
    },
    { name: 'webhook-credentials', look: async () => [webhookFinding(config)] },
    { name: 'operators', look: async () => [operatorsFinding(config)] },
    { name: 'disk', look: async () => [await diskFinding(files.dataDir)] },
    { name: 'addresses', look: async () => [addressFinding(http)] },
  ];
  return runChecks(checks, { limitMs: LIMIT_MS, secrets: secretsOf(config) });
}
