/**
 * The sandbox: a simulated Passmachine and Bloomreach over real sockets, for the demo, rehearsals, tests, chaos runs and
 * benchmarks. This file has its options and its interface.
 */

import type { Side } from './call.ts';
import type { CardEvents, EventTarget } from './card-events.ts';
import type { Permission } from './commands.ts';
import type { CustomerExportOptions } from './customer-export.ts';
import type { CustomerRecords } from './customers.ts';
import type { FaultScript, OutageMode, RateLimit, SetLatency } from './fault-injection.ts';
import type { FaultRule } from './fault-rule.ts';
import type { Imports } from './imports.ts';
import type { PassIds, PassRecords } from './passes.ts';
import type { TokenShape } from './passmachine.ts';
import type { Witness } from './witness.ts';

/** The accepted credentials. They are invented, so they may be printed and committed. */
export const sandboxCredentials = {
  accountId: 'sandbox-account',
  publicToken: 'sandbox-public',
  secretToken: 'sandbox-secret',
  projectToken: 'sandbox-project',
  apiKeyId: 'sandbox-key',
  apiSecret: 'sandbox-key-secret',
};

export type SandboxCredentials = typeof sandboxCredentials;

/** Default of {@link SandboxOptions.exports}. */
export const sandboxExports: CustomerExportOptions = {
  customers: 1000,
  segmentations: { 'sandbox-segmentation': 2 },
};

export interface SandboxOptions {
  /** 0, the default, selects a free port. */
  port?: number;
  /** Address to listen on; default 127.0.0.1. There is no access control. */
  host?: string;
  /** Initial latency of both upstreams. */
  latencyMs?: number;
  jitterMs?: number;
  /** Passmachine's limit on calls for passes. */
  rateLimit?: RateLimit;
  bloomreachRateLimit?: RateLimit;
  /** Maximum lifetime of a token; default 3,600 s. */
  tokenLifeSeconds?: number;
  tokenShape?: TokenShape;
  envelope?: 'data' | 'bare';
  /** The shape of Passmachine's ids; default `uuid`. */
  passIds?: PassIds;
  /** Where Passmachine sends the events of its cards; absent, it keeps them until `events.sendTo`. */
  eventTarget?: EventTarget;
  /** Known template ids; absent, any id is accepted. */
  templates?: readonly string[];
  exports?: Partial<CustomerExportOptions>;
  /** Permissions that Bloomreach's key lacks; none by default. */
  forbidden?: readonly Permission[];
  /** How far the clocks of both upstreams are ahead of this machine's. */
  clockOffsetMs?: number;
  /** Passmachine issues tokens but answers every call with a token with 401. */
  refuseTokens?: boolean;
  faults?: readonly FaultRule[];
  /** The same seed gives the same random faults and jitter. */
  seed?: number;
  /** A file that gets a JSON line for each finished call. */
  witnessFile?: string;
  /** How many calls the witness keeps in full; default 1,000,000. Its counts include all calls. */
  keepCalls?: number;
  credentials?: Partial<SandboxCredentials>;
  /** The `Authorization` header that imports send to fetch their files. */
  importAuthorization?: string;
}

export interface Sandbox {
  readonly passmachineUrl: string;
  readonly bloomreachUrl: string;
  readonly credentials: SandboxCredentials;
  readonly witness: Witness;
  readonly passes: PassRecords;
  readonly customers: CustomerRecords;
  readonly imports: Pick<Imports, 'ended' | 'hold' | 'release'>;
  readonly events: Pick<CardEvents, 'sendTo' | 'sent'>;
  readonly faults: FaultScript;
  readonly setLatency: SetLatency;
  setOutage: (side: Side, mode: OutageMode) => void;
  /** Invalidates all issued tokens. */
  revokeTokens: () => void;
  /** Removes cards, customers, calls, faults and outages; tokens, latency and limits stay. */
  reset(): void;
  /** Closes all connections and frees the port. */
  close(): Promise<void>;
}
