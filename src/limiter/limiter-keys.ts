/** Names the keys of the limiter under a prefix such as `{passbridge}`; the files that use them document each. */
export function makeLimiterKeys(prefix: string) {
  return {
    permits: `${prefix}:permits`,
    rateTokens: `${prefix}:rate-tokens`,
    /** The limits set by hand. */
    limits: `${prefix}:limits`,
  };
}
