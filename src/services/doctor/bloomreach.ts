/** Whether the key opens the project, and what it may do there. */

import { type KeyProbe, makeKeyProbe, type Right } from '../../bloomreach/key-probe.ts';
import type { BloomreachAccess } from '../../config/config.ts';
import type { Failure } from '../../domain/failures/failure.ts';
import type { Clock } from '../../kit/clock.ts';
import { makeHttpClient } from '../../kit/http/http.ts';
import { clockFindings, watchClock } from './clock-skew.ts';
import { about, type Finding, type Level } from './finding.ts';

const CALL_LIMIT_MS = 5000;

interface LookOptions {
  clock: Clock;
  /** Whether the programs file has a source that Bloomreach exports. */
  exports: boolean;
}

interface Wanted {
  check: string;
  /** What the key may do, to read on from "the key may". */
  what: string;
  /** The permission to give, by Bloomreach's names. */
  permission: string;
  /** How bad it is without. */
  without: Extract<Level, 'error' | 'warning' | 'info'>;
  /** What does not work without. */
  loss: string;
  ask: (probe: KeyProbe) => Promise<Right>;
}

/** Makes four calls at once, none of which changes anything. */
export async function lookAtBloomreach(
  { url, ...key }: BloomreachAccess,
  { clock, exports }: LookOptions,
): Promise<Finding[]> {
  const http = watchClock(makeHttpClient({ baseUrl: url, timeoutMs: CALL_LIMIT_MS }), clock);
  const probe = makeKeyProbe({ http, ...key });
  try {
    const [locked, ...rights] = await Promise.all([
      probe.locked(),
      ...wantedRights(exports).map(async (wanted) => rightFinding(wanted, await wanted.ask(probe))),
    ]);
    return [
      ...(locked === undefined
        ? [about('bloomreach-access').ok('the key opens the project'), ...rights]
        : [lockedFinding(locked, url)]),
      ...clockFindings('bloomreach-clock', "Bloomreach's", http.skewMs()),
    ];
  } finally {
    await http.close();
  }
}

function wantedRights(exports: boolean): Wanted[] {
  return [
    {
      check: 'bloomreach-set-properties',
      what: 'set customer properties',
      permission: 'Customer properties > Set',
      without: 'error',
      loss: 'no card can be written back',
      ask: (probe) => probe.maySetProperties(),
    },
    {
      check: 'bloomreach-add-events',
      what: 'add events',
      permission: 'Events > Set',
      without: 'warning',
      loss: "Passmachine's events cannot go on to Bloomreach",
      ask: (probe) => probe.mayAddEvents(),
    },
    {
      check: 'bloomreach-export',
      what: 'export customers',
      permission: 'GDPR > Export customer',
      without: exports ? 'error' : 'info',
      loss: exports
        ? 'the segments of the programs file cannot be fetched'
        : 'segments cannot be fetched; the programs file asks for none',
      ask: (probe) => probe.mayExport(),
    },
  ];
}

function rightFinding({ check, what, permission, without, loss }: Wanted, right: Right): Finding {
  const found = about(check);
  switch (right.verdict) {
    case 'granted':
      return found.ok(`the key may ${what}, as far as a harmless call tells`);
    case 'lacking':
      return found[without](
        `the key may not ${what}: ${loss}`,
        `Give the key's group the permission ${permission}: Project settings > Access management > API.`,
      );
    case 'unclear':
      return found.warning(
        `whether the key may ${what} cannot be told: ${right.detail}`,
        'Run passbridge doctor again.',
      );
  }
}

function lockedFinding({ code, detail }: Failure, url: string): Finding {
  const { error, warning } = about('bloomreach-access');
  if (code === 'BR_UNAUTHORIZED') {
    return error(
      `Bloomreach refused the key or the project: ${detail}`,
      'Check BLOOMREACH_PROJECT_TOKEN, BLOOMREACH_API_KEY_ID and BLOOMREACH_API_SECRET: it takes a private key.',
    );
  }
  if (code === 'BR_RATE_LIMITED') {
    return warning(`Bloomreach asked to slow down: ${detail}`, 'Run passbridge doctor again.');
  }
  return error(
    `Bloomreach does not answer at ${url}: ${detail}`,
    'Check BLOOMREACH_URL (Project settings > Access management > API), and whether this machine reaches it.',
  );
}
