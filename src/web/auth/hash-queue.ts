/**
 * The queue of password checks. One runs at a time, because each takes 64 MB for 250 ms. The queue is short, and the
 * groups of addresses take turns, so that a sign-in waits for a few guesses of others and not for all of them.
 */

interface Waiting {
  /** The group of addresses that it came from. */
  group: string;
  run: () => Promise<void>;
}

export interface HashQueue {
  /**
   * Runs a check when its turn comes. Returns undefined at once if the queue is full. `isKnown`: the operator has signed
   * in from there before, so the check goes ahead of all others, and has a queue of its own.
   */
  add<T>(from: { group: string; isKnown: boolean }, check: () => Promise<T>): Promise<T> | undefined;
}

/** Checks of one group that may wait. */
const MAX_PER_GROUP = 3;
/** Checks that may wait in each of the two queues: 4 s of hashing. */
const MAX_WAITING = 16;

export function makeHashQueue(): HashQueue {
  const known: Waiting[] = [];
  const others: Waiting[] = [];
  let isRunning = false;
  /** The group whose check ran last. */
  let lastGroup: string | undefined;

  const next = (): Waiting | undefined => {
    const queue = known.length > 0 ? known : others;
    const index = queue.findIndex(({ group }) => group !== lastGroup);
    const [taken] = queue.splice(Math.max(index, 0), 1);
    return taken;
  };

  const work = async (): Promise<void> => {
    isRunning = true;
    for (let check = next(); check !== undefined; check = next()) {
      lastGroup = check.group;
      await check.run();
    }
    isRunning = false;
  };

  return {
    add<T>({ group, isKnown }: { group: string; isKnown: boolean }, check: () => Promise<T>) {
      const queue = isKnown ? known : others;
      const ofGroup = queue.filter((waiting) => waiting.group === group).length;
      if (queue.length >= MAX_WAITING || ofGroup >= MAX_PER_GROUP) return undefined;
      const checked = new Promise<T>((resolve, reject) => {
        queue.push({ group, run: () => check().then(resolve, reject) });
      });
      if (!isRunning) void work();
      return checked;
    },
  };
}
