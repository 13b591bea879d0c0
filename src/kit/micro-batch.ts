/** Micro-batching: calls made within a short time are served by one batched call. */

interface MicroBatchOptions<Item, Result> {
  /** Items a batch at most; more are split into several batches. */
  maxSize: number;
  /** Milliseconds that the first item of a batch waits for others. */
  waitMs: number;
  /** Must return one result per item, in the order of the items. */
  work: (items: readonly Item[]) => Promise<readonly Result[]>;
}

/** Returns a function for a single item. If the work of a batch rejects, so do all of its calls. */
export function microBatch<Item, Result>({ maxSize, waitMs, work }: MicroBatchOptions<Item, Result>) {
  type Pending = { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void };
  let pending: Pending[] = [];

  const run = async (batch: readonly Pending[]) => {
    try {
      const results = await work(batch.map(({ item }) => item));
      if (results.length !== batch.length) throw new Error('a batch must return one result per item');
      for (const [index, { resolve }] of batch.entries()) resolve(results[index] as Result);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  };

  const flush = () => {
    const batch = pending;
    pending = [];
    for (let start = 0; start < batch.length; start += maxSize) void run(batch.slice(start, start + maxSize));
  };

  return (item: Item): Promise<Result> =>
    new Promise((resolve, reject) => {
      if (pending.length === 0) setTimeout(flush, waitMs);
      pending.push({ item, resolve, reject });
    });
}
