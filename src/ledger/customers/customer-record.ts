/**
 * Format of a customer's record in the customer index: the customer's id, then a line for each event. There may
 * be millions of records, so lines are short: `{time} {kind} {job} {detail} {times}`, separated by tabs. The
 * time is in base 36, the kind takes two characters, the job is the campaign's serial number, `.` and the row, or
 * empty if it is the job of the line before; times is omitted for one.
 */

import type { PassAction } from '../../domain/jobs/pass-job.ts';
import {
  type TimelineEvent,
  type TimelineEventKind,
  timelineEventKinds,
} from '../../domain/customers/timeline.ts';

const actions = ['create', 'update', 'notify'] as const satisfies PassAction[];

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;
/** Marks a detail that is a UUID in base64url. */
const PACKED = '#';

/** An event as stored: its job as two numbers. */
export interface StoredEvent extends Omit<TimelineEvent, 'job'> {
  /** Serial number of the campaign. */
  serial: string;
  row: string;
}

/** Replaces the separators of the format by spaces. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\t\n]/g, ' ');
}

/** Encodes the action (`-` for none) and the kind by their indexes, the kind in base 36. */
export function packKind(action: PassAction | undefined, kind: TimelineEventKind): string {
  return `${action === undefined ? '-' : actions.indexOf(action)}${timelineEventKinds.indexOf(kind).toString(36)}`;
}

export function packTime(unixSeconds: number): string {
  return unixSeconds.toString(36);
}

/** Shortens UUIDs: most details are card ids, and card ids are UUIDs. */
export function packDetail(detail: string): string {
  if (!UUID.test(detail)) return oneLine(detail);
  return PACKED + Buffer.from(detail.replaceAll('-', ''), 'hex').toString('base64url');
}

export function readRecord(record: string): { customer: string; events: StoredEvent[] } {
  const [customer = '', ...lines] = record.split('\n');
  let job = '';
  const events = lines.map((line) => {
    const { job: ownJob, ...event } = readLine(line);
    if (ownJob !== '') job = ownJob;
    const [serial = '', row = ''] = job.split('.');
    return Object.assign(event, { serial, row });
  });
  return { customer, events };
}

function readLine(line: string): TimelineEvent {
  const [at = '', kind = '', job = '', detail = '', times = ''] = line.split('\t');
  const action = actions[Number(kind[0])];
  return {
    at: Number.parseInt(at, 36),
    kind: timelineEventKinds[Number.parseInt(kind[1] ?? '', 36)] ?? 'done',
    ...(action !== undefined && { action }),
    job,
    detail: readDetail(detail),
    ...(times !== '' && { times: Number(times) }),
  };
}

function readDetail(detail: string): string {
  if (!detail.startsWith(PACKED)) return detail;
  const hex = Buffer.from(detail.slice(1), 'base64url').toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
