/** The event stream of the dashboard. */

/** Returns the address of the stream of these topics, e.g. `/campaigns/:id?:id=abc`. */
export function streamOf(url: string, ...topics: readonly string[]): string {
  return `${url}/live?${new URLSearchParams({ topics: topics.join(' ') }).toString()}`;
}
