/**
 * Deterministic ids: the same row of the same campaign always has the same job id, so adding it twice adds it
 * once. Ids must not contain `:` (BullMQ's key separator) or consist of digits only.
 */

/** Returns the id of a row's job, e.g. `loyalty-issue-20261123-x7k2-17`. */
export function rowJobId(campaign: string, row: number): string {
  return `${campaign}-${row}`;
}

/** Splits an id made by {@link rowJobId}; undefined for any other text. */
export function campaignAndRow(id: string): { campaign: string; row: number } | undefined {
  const [, campaign, row] = /^(.+)-(\d{1,10})$/.exec(id) ?? [];
  return campaign === undefined ? undefined : { campaign, row: Number(row) };
}

/**
 * Returns the id under which a job enters the queue. It differs for each generation and requeue: BullMQ ignores
 * a job whose id is still in the queue, and the previous delivery may be about to end.
 */
export function queueId({
  id,
  generation,
  requeues,
}: {
  id: string;
  generation?: number;
  requeues?: number;
}): string {
  return `${id}${generation === undefined ? '' : `-g${generation}`}${requeues === undefined ? '' : `-r${requeues}`}`;
}

/**
 * Returns a campaign's id: readable, sortable by day, unique by its random suffix.
 * `random` is in [0, 1); there are 36^4 suffixes per program, action and day.
 */
export function campaignId(program: string, action: string, now: Date, random: number): string {
  const day = now.toISOString().slice(0, 10).replaceAll('-', '');
  const suffix = Math.floor(random * 36 ** 4)
    .toString(36)
    .padStart(4, '0');
  return `${program}-${action}-${day}-${suffix}`;
}

/** Returns the id of a test send. It marks the jobs of the test wherever they are shown, such as in a customer's timeline. */
export function testCampaignId(program: string, action: string, now: Date, random: number): string {
  return campaignId(program, `${action}-test`, now, random);
}
