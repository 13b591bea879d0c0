/**
 * A stand-in Passmachine and Bloomreach over real sockets, for the demo, rehearsals, tests, chaos
 * runs and benchmarks: what can be set and what can be seen. It calls nobody but who handed it an address.
 */

import type { Side } from './call.ts';
import type { CustomerExportOptions } from './customer-export.ts';
import type { CustomerRecords } from './customers.ts';
import type { FaultRule } from './fault-rule.ts';
import type { FaultScript } from './faults.ts';
import type { Imports } from './imports.ts';
import type { Latencies } from './latency.ts';
import type { OutageMode } from './outage.ts';
import type { PassRecords } from './passes.ts';
import type { Permission } from './permissions.ts';
import type { RateLimit } from './rate-limit.ts';
import type { TokenShape } from './tokens.ts';
import type { Witness } from './witness.ts';

/** What the sandbox lets in; invented, so that it may be printed and committed. */
export const sandboxCredentials = {
  accountId: 'sandbox-account',
  publicToken: 'sandbox-public',
  secretToken: 'sandbox-secret',
  projectToken: 'sandbox-project',
  apiKeyId: 'sandbox-key',
  apiSecret: 'sandbox-key-secret',
};

export type SandboxCredentials = typeof sandboxCredentials;

/** Whom the sandbox's Bloomreach exports where nothing else is said. */
export const sandboxExports: CustomerExportOptions = {
  customers: 1000,
  segmentations: { 'sandbox-segmentation': 2 },
};

export interface SandboxOptions {
  /** 0, the default, takes a free one. */
  port?: number;
  /** Address to listen on; 127.0.0.1. Whoever reaches it may see and change everything. */
  host?: string;
  /** Of both sides at the start. */
  latencyMs?: number;
  jitterMs?: number;
  /** Passmachine's limit on calls for passes. */
  rateLimit?: RateLimit;
  bloomreachRateLimit?: RateLimit;
  /** The longest that a token lives; 3,600 s. */
  tokenLifeSeconds?: number;
  tokenShape?: TokenShape;
  envelope?: 'data' | 'bare';
  /** Known template ids; without them every id is known. */
  templates?: readonly string[];
  exports?: Partial<CustomerExportOptions>;
  /** What Bloomreach's key may not do; it may do everything. */
  forbidden?: readonly Permission[];
  /** How far the clock of both sides is ahead of this machine's. */
  clockOffsetMs?: number;
  /** Passmachine hands tokens out, and answers every call that comes with one 401. */
  refuseTokens?: boolean;
  faults?: readonly FaultRule[];
  /** Same seed, same faults by chance and same jitter. */
  seed?: number;
  /** Gets a JSON line for each finished call. */
  witnessFile?: string;
  /** How many calls the witness remembers in full; 1,000,000. Its counts cover all. */
  keepCalls?: number;
  credentials?: Partial<SandboxCredentials>;
  /** The `Authorization` header with which imports fetch their files. */
  importAuthorization?: string;
}

export interface Sandbox {
  readonly passmachineUrl: string;
  readonly bloomreachUrl: string;
  readonly credentials: SandboxCredentials;
  readonly witness: Witness;
  readonly passes: PassRecords;
  readonly customers: CustomerRecords;
  readonly imports: Pick<Imports, 'ended'>;
  readonly faults: FaultScript;
  readonly setLatency: Latencies['set'];
  setOutage: (side: Side, mode: OutageMode) => void;
  /** Every token handed out so far gets 401 from now on. */
  revokeTokens: () => void;
  /** Forgets cards, customers and calls, ends faults and outages; tokens, latency and limits stay. */
  reset(): void;
  /** Breaks every connection and frees the port. */
  close(): Promise<void>;
}
