/** The two limits on calls to Passmachine, over all processes. */

export interface Limits {
  /** Calls under way at once. */
  maxInFlight: number;
  /** Calls started per second; undefined: no limit. */
  maxPerSecond?: number | undefined;
}

/** Some of them, as somebody sets them by hand. */
export type LimitsByHand = { [Name in keyof Limits]?: number | undefined };

/** What is obeyed, and why. */
export type LimitsInForce = Record<keyof Limits, LimitInForce>;

export interface LimitInForce {
  /** Undefined: no limit. */
  limit: number | undefined;
  /** What it is unless it is set by hand. */
  configured: number | undefined;
  byHand: boolean;
}
