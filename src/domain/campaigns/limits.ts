/** The two limits on calls to Passmachine. They apply to all processes together. */

export interface Limits {
  /** Concurrent calls. */
  maxInFlight: number;
  /** Calls started per second; undefined: no limit. */
  maxPerSecond?: number | undefined;
}

/** Limits that an operator sets at runtime; an absent one stays as configured. */
export type LimitOverrides = { [Name in keyof Limits]?: number | undefined };

export type EffectiveLimits = Record<keyof Limits, EffectiveLimit>;

export interface EffectiveLimit {
  /** The limit in force; undefined: no limit. */
  limit: number | undefined;
  /** The limit by configuration. */
  configured: number | undefined;
  /** Whether an operator has set it. */
  overridden: boolean;
}
