/** Makes one call of many: what is asked for in the same moment goes together. */

interface MicroBatchOptions<Item, Result> {
  /** At most so many together; one more begins another call. */
  most: number;
  /** Milliseconds that the first of a call waits for others. */
  waitMs: number;
  /** Answers in the order of the items. */
  work: (items: readonly Item[]) => Promise<readonly Result[]>;
}

/** A function for one item, answered with those that come within a moment. Rejects for all of a call where the work does. */
export function microBatch<Item, Result>({ most, waitMs, work }: MicroBatchOptions<Item, Result>) {
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
      if (waiting.length === 0) setTimeout(flush, waitMs);
      waiting.push({ item, resolve, reject });
    });
}
