/** A promise that is resolved from outside, as `Promise.withResolvers` of Node 22 does. */
export interface Deferred {
  promise: Promise<void>;
  resolve(): void;
}

export function makeDeferred(): Deferred {
  let settle: (() => void) | undefined;
  const promise = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return { promise, resolve: () => settle?.() };
}
