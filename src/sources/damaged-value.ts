/** Values that another program damaged before the export came here. They are never meant. */

import { LOST_LETTER } from '../kit/text/decode-text.ts';

/** A number as a spreadsheet displays it, in English and Czech: its last digits are gone. */
const SCIENTIFIC = /^[-+]?\d(?:[.,]\d+)?E[-+]\d{2,3}$/;

/** Results of formulas, in English and with the decimal letters of other languages. */
const ERROR_CELL =
  /^#(?:N\/A|REF!|VALUE!|DIV\/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|FIELD!|BUSY!|GETTING_DATA|ODKAZ!|HODNOTA!|DĚLENÍ_NULOU!|NÁZEV\?|ČÍSLO!|NENÍ_K_DISPOZICI)$/i;

/** Returns what is wrong with a value, to follow its name; undefined for a sound one. Looks into lists and objects. */
export function damageOf(value: unknown): string | undefined {
  if (typeof value === 'string') return textDamage(value);
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, member] of Object.entries(value)) {
    const damage = textDamage(name) ?? damageOf(member);
    if (damage !== undefined) return damage;
  }
  return undefined;
}

const NUMBER_SIGN = 0x23;
const PLUS = 0x2b;
const NINE = 0x39;

function textDamage(text: string): string | undefined {
  const first = text.charCodeAt(0);
  if (first === NUMBER_SIGN && ERROR_CELL.test(text.trimEnd())) {
    return `is ${text.trimEnd()}, an error of a formula. Correct the formula, or empty the cell`;
  }
  if (first >= PLUS && first <= NINE && SCIENTIFIC.test(text)) {
    return `is ${text}, a long number that a spreadsheet such as Excel has cut off. Format the column as text there, and export it again`;
  }
  if (!text.includes(LOST_LETTER)) return undefined;
  return `contains ${LOST_LETTER} (U+FFFD): another program has lost a letter there. Export the row again with the right encoding`;
}
