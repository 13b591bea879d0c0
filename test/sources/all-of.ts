/** Collects chunks into one list. */
export async function allOf<T>(chunks: AsyncIterable<T[]>): Promise<T[]> {
  const all: T[][] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all.flat();
}
