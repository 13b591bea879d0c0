/**
 * A customer's record in the people index: the customer's id, then a line for each event. There may
 * be millions, so a line is short: `{time} {kind} {job} {note} {times}`, with tabs. The time is in
 * base 36, the kind two characters, the job its campaign's serial number and its row, and empty where
 * it is that of the line before; the times are left out for one.
 */

import type { PassAction } from '../../domain/jobs/pass-job.ts';
import {
  type TimelineEvent,
  type TimelineEventKind,
  timelineEventKinds,
} from '../../domain/customers/timeline.ts';

const actions = ['create', 'update', 'notify'] as const satisfies PassAction[];

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;
/** Marks a note that is a UUID in base64url. */
const PACKED = '#';

/** An event as it stands in a record: its job by two numbers. */
export interface RecordedEvent extends Omit<TimelineEvent, 'job'> {
  /** The campaign's serial number. */
  serial: string;
  row: string;
}

/** What no part of a record may contain. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\t\n]/g, ' ');
}

/** The action, or `-`, and what happened, each by its number. */
export function packKind(action: PassAction | undefined, what: TimelineEventKind): string {
  return `${action === undefined ? '-' : actions.indexOf(action)}${timelineEventKinds.indexOf(what)}`;
}

export function packTime(unixSeconds: number): string {
  return unixSeconds.toString(36);
}

/** Most notes are ids of cards, and those are UUIDs. */
export function packNote(note: string): string {
  if (!UUID.test(note)) return oneLine(note);
  return PACKED + Buffer.from(note.replaceAll('-', ''), 'hex').toString('base64url');
}

/** Reads one record. */
export function readRecord(record: string): { customer: string; events: RecordedEvent[] } {
  const [customer = '', ...lines] = record.split('\n');
  let job = '';
  const events = lines.map((line) => {
    const { job: said, ...event } = readLine(line);
    if (said !== '') job = said;
    const [serial = '', row = ''] = job.split('.');
    return Object.assign(event, { serial, row });
  });
  return { customer, events };
}

function readLine(line: string): TimelineEvent {
  const [at = '', kind = '', job = '', note = '', times = ''] = line.split('\t');
  const action = actions[Number(kind[0])];
  return {
    at: Number.parseInt(at, 36),
    what: timelineEventKinds[Number(kind[1])] ?? 'done',
    ...(action !== undefined && { action }),
    job,
    note: readNote(note),
    ...(times !== '' && { times: Number(times) }),
  };
}

function readNote(note: string): string {
  if (!note.startsWith(PACKED)) return note;
  const hex = Buffer.from(note.slice(1), 'base64url').toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
