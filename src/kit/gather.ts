/** Makes one call of many: what is asked for in the same moment goes together. */

/** At most so many together; one more begins the next call. */
interface GatherOptions<Item, Result> {
  most: number;
  /** Answers in the order of the items. */
  work: (items: readonly Item[]) => Promise<readonly Result[]>;
}

/**
 * A function for one item, answered with the others that come until the event loop has taken in
 * what had arrived. Rejects for all of a call where the work does.
 */
export function gather<Item, Result>({ most, work }: GatherOptions<Item, Result>) {
  type Waiting = { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void };
  let waiting: Waiting[] = [];

  const answer = async (batch: readonly Waiting[]) => {
    try {
      const results = await work(batch.map(({ item }) => item));
      if (results.length !== batch.length) throw new Error('an answer for each item is needed');
      for (const [index, { resolve }] of batch.entries()) resolve(results[index] as Result);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  };

  const flush = () => {
    const batch = waiting;
    waiting = [];
    for (let start = 0; start < batch.length; start += most) void answer(batch.slice(start, start + most));
  };

  return (item: Item): Promise<Result> =>
    new Promise((resolve, reject) => {
      // After the sockets that are readable now.
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ item, resolve, reject });
    });
}
