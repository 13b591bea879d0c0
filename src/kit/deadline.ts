/** Bounds how long a caller waits. */

/**
 * Calls `expire` after `ms`, unless the returned function is called first. Sockets that are ready are read before: a
 * process that was suspended, or was busy, runs its overdue timers first, although the answers may have arrived in time.
 */
export function startTimeout(ms: number, expire: () => void): () => void {
  let overdue: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    // The event loop reads sockets between its timers and its immediates.
    overdue = setImmediate(expire);
  }, ms);
  return () => {
    clearTimeout(timer);
    clearImmediate(overdue);
  };
}

/**
 * Settles as the work does, or rejects with `late()` after `ms`. The work is not interrupted unless it
 * heeds the signal, which aborts at the deadline; its late result is dropped.
 */
export async function withDeadline<T>(
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
  late: () => Error,
): Promise<T> {
  const controller = new AbortController();
  let clear: (() => void) | undefined;
  const expired = new Promise<never>((_resolve, reject) => {
    clear = startTimeout(ms, () => {
      reject(late());
      controller.abort();
    });
  });
  try {
    return await Promise.race([work(controller.signal), expired]);
  } finally {
    clear?.();
  }
}
