/** The failure codes of rows of an export that never become a job; see `failure.ts`. */

export const rowKinds = {
  ROW_ID_MISSING: {
    stage: 'before',
    repeat: 'never',
    meaning: 'The row has no customer id, so its result could not be written back.',
    remedy: 'Fill the id column of the row and start a campaign with it.',
  },
  ROW_RAGGED: {
    stage: 'before',
    repeat: 'never',
    meaning: 'The row has more or fewer cells than the header.',
    remedy: 'Fix the unquoted delimiter or quote in the row and start a campaign with it.',
  },
  ROW_UNREADABLE: {
    stage: 'before',
    repeat: 'never',
    meaning: 'The row cannot be parsed: it is far too long, or not a JSON object.',
    remedy: 'Fix the row in the export and start a campaign with it.',
  },
  ROW_DAMAGED: {
    stage: 'before',
    repeat: 'never',
    meaning:
      'The row was damaged before it was exported here, for example by Excel, or is no customer but a second header.',
    remedy:
      'Export the row again from where it was whole, without opening it in Excel, and start a campaign with it.',
  },
  ROW_FIELD_MISSING: {
    stage: 'before',
    repeat: 'never',
    meaning: 'An attribute that the template needs is empty for this customer.',
    remedy:
      "Fill the attribute in Bloomreach, or allow it to be empty in the template: {{ customer.NAME | default('') }}.",
  },
  ROW_PASS_ID_INVALID: {
    stage: 'before',
    repeat: 'never',
    meaning:
      'The card id of the customer cannot be part of an address: it is a dot segment, or has a slash or a control character.',
    remedy: 'Correct passmachine_pass_id in Bloomreach, and start a campaign with the customer.',
  },
} as const;
