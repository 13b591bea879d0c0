/** What a contestant's process is told: its part, and where everything is. */

/** `part` is `enqueue` or `work`, `url` the server's, `jobs` how many, `broker` where its broker listens. */
export function take() {
  const order = JSON.parse(process.argv[2]);
  // Whoever has worked stays until its memory was looked at.
  if (order.part === 'work') setInterval(() => {}, 60_000);
  return order;
}

/** Calls `add` with the customers in chunks of 500, one after the other. */
export async function inChunks(jobs, customerOf, add) {
  for (let first = 1; first <= jobs; first += 500) {
    const size = Math.min(500, jobs - first + 1);
    await add(Array.from({ length: size }, (_, n) => customerOf(first + n)));
  }
}

/** A contestant in trouble ends, so that the race learns of it. */
export function fail(error) {
  throw error;
}
