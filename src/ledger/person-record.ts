/**
 * A customer's record in the people index: the customer's id, then a line for each event. There
 * may be millions, so an event is short: a card made takes 68 characters instead of 94.
 */

import { finalStates } from '../job/outcome.ts';
import { type PassAction } from '../job/pass-job.ts';
import type { Person, PersonEvent } from '../job/person.ts';

const actions = ['create', 'update', 'notify'] as const satisfies PassAction[];

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;
/** Marks a note that is a UUID in base64url. */
const PACKED = '#';

/** What no part of a record may contain. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\t\n]/g, ' ');
}

/** `{time in base 36} {action}{state} {job} {note}`, with tabs; action and state by their number. */
export function packEvent({ at, action, state, job, note }: PersonEvent): string {
  const kind = `${actions.indexOf(action)}${finalStates.indexOf(state)}`;
  return [at.toString(36), kind, job, packNote(note)].join('\t');
}

/** Reads a customer's records, oldest first; there is at least one. */
export function readPerson(records: readonly string[]): Person {
  const lines = records.map((record) => record.split('\n'));
  return {
    customer: lines[0]?.[0] ?? '',
    events: lines.flatMap(([, ...events]) => events.map(readEvent)),
  };
}

function readEvent(line: string): PersonEvent {
  const [at = '', kind = '', job = '', note = ''] = line.split('\t');
  return {
    at: Number.parseInt(at, 36),
    action: actions[Number(kind[0])] ?? 'create',
    state: finalStates[Number(kind[1])] ?? 'done',
    job,
    note: readNote(note),
  };
}

function packNote(note: string): string {
  if (!UUID.test(note)) return oneLine(note);
  return PACKED + Buffer.from(note.replaceAll('-', ''), 'hex').toString('base64url');
}

function readNote(note: string): string {
  if (!note.startsWith(PACKED)) return note;
  const hex = Buffer.from(note.slice(1), 'base64url').toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
