/**
 * - `absent`: the template printed an absent value or read a member of one;
 * - `unknown`: a filter, function, test or statement of that name does not exist;
 * - `misused`: a call has arguments that can never be right, e.g. a time zone that does not exist, or something that
 *   passbridge does not support;
 * - `failed`: anything else that depends on the data;
 * - `limit`: too much work, memory or output;
 * - `aborted`: the template excludes the customer; the message is its reason, which may be empty.
 */
type FaultKind = 'syntax' | 'absent' | 'unknown' | 'misused' | 'failed' | 'limit' | 'aborted';

/** What is wrong with a template, or with its values. */
export interface Fault {
  kind: FaultKind;
  /** One line, without values. */
  message: string;
  /** The expression at fault, e.g. `customer.email`; absent if it is not known. */
  at?: string;
}
