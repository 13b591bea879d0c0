/**
 * Deterministic ids: the same row of the same campaign always has the same job id, so that adding
 * it twice adds it once. No `:` (BullMQ separates its keys with it) and never digits alone.
 */

/** The id of a row's job, e.g. `loyalty-issue-20261123-x7k2-17`. */
export function rowJobId(campaign: string, row: number): string {
  return `${campaign}-${row}`;
}

/** What {@link rowJobId} made an id of; undefined for what can be none. */
export function campaignAndRow(id: string): { campaign: string; row: number } | undefined {
  const [, campaign, row] = /^(.+)-(\d{1,10})$/.exec(id) ?? [];
  return campaign === undefined ? undefined : { campaign, row: Number(row) };
}

/**
 * Names a job's way into the queue. One that is put back, or comes back, has another: the queue would
 * ignore it if its last stay were still about to end.
 */
export function queueId({ id, round, again }: { id: string; round?: number; again?: number }): string {
  return `${id}${round === undefined ? '' : `-r${round}`}${again === undefined ? '' : `-a${again}`}`;
}

/**
 * A campaign's id: readable, sortable by day, unique by its random tail.
 * `random` is in [0, 1); 36^4 tails per program, action and day.
 */
export function campaignId(program: string, action: string, now: Date, random: number): string {
  const day = now.toISOString().slice(0, 10).replaceAll('-', '');
  const tail = Math.floor(random * 36 ** 4)
    .toString(36)
    .padStart(4, '0');
  return `${program}-${action}-${day}-${tail}`;
}
