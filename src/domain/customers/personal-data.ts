/** Kinds of personal data that passbridge stores and `passbridge forget` erases. */

/** Singular and plural of each kind, for output. */
export const personalRecordKinds = {
  failed: ['failed record', 'failed records'],
  discarded: ['discarded record', 'discarded records'],
  parked: ['parked job', 'parked jobs'],
  queued: ['queued job', 'queued jobs'],
  'write-back': ['pending write-back', 'pending write-backs'],
  timeline: ['timeline', 'timelines'],
  'bulk-action': ['detail in a bulk action', 'details in bulk actions'],
  proof: ['early proof of a card', 'early proofs of cards'],
  answer: ['stored answer to a webhook', 'stored answers to webhooks'],
  notifications: ['notification history of a card', 'notification histories of cards'],
  card: ['issued-card marker', 'issued-card markers'],
} as const;

export type PersonalRecordKind = keyof typeof personalRecordKinds;

/** Number of records by kind; kinds without records are left out. */
export type PersonalRecordCounts = Partial<Record<PersonalRecordKind, number>>;
