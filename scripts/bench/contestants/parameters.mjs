/** Parameters of a contestant's process, and what all contestants share. */

/**
 * @typedef {object} Parameters
 * @property {'enqueue' | 'work'} part
 * @property {string} url Of the stand-in server.
 * @property {number} jobs
 * @property {any} broker Connection of the broker, if the contestant has one.
 */

/**
 * Reads the parameters from the command line. A worker stays alive until the race has read its memory.
 * @returns {Parameters}
 */
export function readParameters() {
  const parameters = JSON.parse(process.argv[2] ?? '');
  if (parameters.part === 'work') setInterval(() => {}, 60_000);
  return parameters;
}

/** Calls `add` with the customers in chunks of 500, one chunk at a time. */
export async function inChunks(jobs, customerOf, add) {
  for (let first = 1; first <= jobs; first += 500) {
    const size = Math.min(500, jobs - first + 1);
    await add(Array.from({ length: size }, (_, n) => customerOf(first + n)));
  }
}

/** Ends the process on an error, so that the race notices it. */
export function fail(error) {
  throw error;
}
