/** What is kept about a customer and can be taken away, by its kind. */

/** One and several of each, for a person. */
export const personalRecordKinds = {
  failed: ['failed record', 'failed records'],
  discarded: ['discarded record', 'discarded records'],
  parked: ['parked job', 'parked jobs'],
  queued: ['job in the queue', 'jobs in the queue'],
  'write-back': ['result not yet saved', 'results not yet saved'],
  bulkAction: ['note on a receipt', 'notes on receipts'],
  person: ['entry of the people index', 'entries of the people index'],
  answer: ['answer that nobody fetched', 'answers that nobody fetched'],
  rings: ['list of rings', 'lists of rings'],
  mark: ['mark of a card', 'marks of cards'],
} as const;

export type PersonalRecordKind = keyof typeof personalRecordKinds;

/** How many of each; those of which there are none are left out. */
export type PersonalRecordCounts = Partial<Record<PersonalRecordKind, number>>;
