/** Checks that the API key opens the Bloomreach project, and which permissions it has. */

import { type KeyProbe, makeKeyProbe, type Right } from '../../bloomreach/key-probe.ts';
import type { BloomreachAccess } from '../../config/config.ts';
import type { Failure } from '../../domain/failures/failure.ts';
import type { Clock } from '../../kit/clock.ts';
import { makeHttpClient } from '../../kit/http/client.ts';
import type { ProxySettings } from '../../kit/http/proxy.ts';
import { type Finding, findingsOf, type Level } from './check.ts';
import { type ReachedAt, reachedAt } from './reached-at.ts';
import { clockFindings, watchClock } from './clock-skew.ts';

const CALL_TIMEOUT_MS = 5000;

interface CheckOptions {
  proxies?: ProxySettings;
  clock: Clock;
  /** Whether the programs file has a source that Bloomreach exports. */
  exports: boolean;
}

interface Permission {
  check: string;
  /** What it allows, continuing "the key may". */
  allows: string;
  /** Bloomreach's name for it. */
  name: string;
  /** Level of the finding if the key lacks it. */
  ifMissing: Level;
  /** What does not work without it. */
  impact: string;
  probe: (probe: KeyProbe) => Promise<Right>;
}

/** Makes four concurrent calls, none of which changes anything. */
export async function checkBloomreach(
  { url, ...key }: BloomreachAccess,
  { proxies, clock, exports }: CheckOptions,
): Promise<Finding[]> {
  const http = watchClock(makeHttpClient({ baseUrl: url, timeoutMs: CALL_TIMEOUT_MS, proxies }), clock);
  const probe = makeKeyProbe({ http, ...key });
  try {
    const [failure, ...permissions] = await Promise.all([
      probe.accessFailure(),
      ...neededPermissions(exports).map(async (permission) =>
        permissionFinding(permission, await permission.probe(probe)),
      ),
    ]);
    return [
      ...(failure === undefined
        ? [findingsOf('bloomreach-access').ok('the key opens the project'), ...permissions]
        : [accessFinding(failure, reachedAt(url, proxies))]),
      ...clockFindings('bloomreach-clock', 'Bloomreach', http.skewMs()),
    ];
  } finally {
    await http.close();
  }
}

function neededPermissions(exports: boolean): Permission[] {
  return [
    {
      check: 'bloomreach-set-properties',
      allows: 'set customer properties',
      name: 'Customer properties > Set',
      ifMissing: 'error',
      impact: 'cards cannot be written back',
      probe: (probe) => probe.maySetProperties(),
    },
    {
      check: 'bloomreach-add-events',
      allows: 'add events',
      name: 'Events > Set',
      ifMissing: 'warning',
      impact: "Passmachine's events cannot be forwarded to Bloomreach",
      probe: (probe) => probe.mayAddEvents(),
    },
    {
      check: 'bloomreach-export',
      allows: 'export customers',
      name: 'GDPR > Export customer',
      ifMissing: exports ? 'error' : 'ok',
      impact: exports
        ? 'the segments of the programs file cannot be fetched'
        : 'segments cannot be fetched; the programs file uses none',
      probe: (probe) => probe.mayExport(),
    },
  ];
}

function permissionFinding(permission: Permission, right: Right): Finding {
  const { check, allows, name, ifMissing, impact } = permission;
  const finding = findingsOf(check);
  switch (right.verdict) {
    case 'granted':
      return finding.ok(`the key may ${allows}, as far as a harmless call shows`);
    case 'lacking':
      return finding[ifMissing](
        `the key may not ${allows}: ${impact}`,
        `Give the key's group the permission ${name}: Project settings > Access management > API.`,
      );
    case 'unclear':
      return finding.warning(
        `could not determine whether the key may ${allows}: ${right.detail}`,
        'Run passbridge doctor again.',
      );
  }
}

function accessFinding({ code, detail }: Failure, { address, fix }: ReachedAt): Finding {
  const { error, warning } = findingsOf('bloomreach-access');
  if (code === 'BR_UNAUTHORIZED') {
    return error(
      `Bloomreach refused the key or the project: ${detail}`,
      'Check BLOOMREACH_PROJECT_TOKEN, BLOOMREACH_API_KEY_ID and BLOOMREACH_API_SECRET. The key must be a private key.',
    );
  }
  if (code === 'BR_RATE_LIMITED') {
    return warning(`Bloomreach rate-limited the check: ${detail}`, 'Run passbridge doctor again.');
  }
  return error(
    `Bloomreach does not answer at ${address}: ${detail}`,
    `Check BLOOMREACH_URL (Project settings > Access management > API), and that ${fix}.`,
  );
}
