/** Something that happens once, for those who wait for it. */
export interface Deferred {
  open(): void;
  opened: Promise<void>;
}

export function makeDeferred(): Deferred {
  let open: (() => void) | undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open?.(), opened };
}
