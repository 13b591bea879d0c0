/** Describes an event of Passmachine in a customer's timeline, which holds ids and no other data of the customer. */

import { keepKnownWords } from '../failures/known-words.ts';
import type { Json } from '../jobs/program.ts';

/** Characters of all properties together. */
const MAX_DETAIL_LENGTH = 80;

/** Properties that hold the id of a card. */
const CARD_ID_NAME = /^(?:pass|card)_?id$/i;
const CARD_ID = /^[\w-]{1,64}$/;

/** Returns e.g. `action: added, wallet: apple, pass_id: 6f0a`. A property with any other value is left out. */
export function describeEvent(properties: Readonly<Record<string, Json>>): string {
  return Object.entries(properties)
    .filter((property): property is [string, string | boolean] => isImpersonal(...property))
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ')
    .slice(0, MAX_DETAIL_LENGTH);
}

/** A number may be a phone number, and any word that is not known a name. */
function isImpersonal(name: string, value: Json): boolean {
  if (keepKnownWords(name) !== name) return false;
  if (typeof value === 'boolean') return true;
  if (typeof value !== 'string' || value === '') return false;
  return CARD_ID_NAME.test(name)
    ? CARD_ID.test(value)
    : /^[\p{L} _-]+$/u.test(value) && keepKnownWords(value) === value;
}
