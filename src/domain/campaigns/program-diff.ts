/** What a change of a program does to the cards of a source's customers. */

import type { PassAction } from '../jobs/pass-job.ts';

/** What becomes of one section of a program. */
export interface SectionDiff {
  section: PassAction;
  /** Customers whose body differs. */
  changed: number;
  /** Of these, those whose new body lacks a field, or leaves one empty, that the old one fills. */
  losesField: number;
  /** Customers whose body could be rendered before and cannot be any more. */
  nowRefused: number;
  /** Customers whose body could not be rendered before. */
  nowAccepted: number;
  examples: DiffExample[];
}

export interface DiffExample {
  /** `type:value`. */
  customer: string;
  /** Absent if one of the two bodies could not be rendered. */
  fields?: FieldChange[];
  /** Why the new body, or else the old one, cannot be rendered. */
  refused?: { by: 'old' | 'new'; why: string };
}

/** `from` or `to` is absent if the field is. */
export interface FieldChange {
  path: string;
  from?: string;
  to?: string;
}

export interface ProgramDiff {
  rows: number;
  /** Rows that could not be read. */
  unreadable: number;
  /** Of the sections that both versions have. */
  sections: SectionDiff[];
  added: PassAction[];
  removed: PassAction[];
}

/** Whether the change affects any customer of the source, or what can be done with the program. */
export function differs({ sections, added, removed }: ProgramDiff): boolean {
  const affected = sections.some(
    ({ changed, nowRefused, nowAccepted }) => changed + nowRefused + nowAccepted > 0,
  );
  return affected || added.length + removed.length > 0;
}
