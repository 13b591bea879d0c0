/** Finds characters that a reader cannot see or tell from a space: copying from a web page or a chat brings them along. */

/** Characters that are pasted most often, by their code point. */
const known: Readonly<Record<number, string>> = {
  0x09: 'tab',
  0x0a: 'line feed',
  0x0d: 'carriage return',
  0xa0: 'no-break space',
  0xad: 'soft hyphen',
  0x200b: 'zero-width space',
  0x200c: 'zero-width non-joiner',
  0x200d: 'zero-width joiner',
  0x200e: 'left-to-right mark',
  0x200f: 'right-to-left mark',
  0x2028: 'line separator',
  0x202f: 'narrow no-break space',
  0x2060: 'word joiner',
  0xfeff: 'byte order mark',
};

/** Control, format, unpaired surrogate and unassigned characters, separators, and letters without a shape. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/u;

export interface HiddenCharacter {
  /** Counted in characters from 1. */
  position: number;
  /** E.g. `U+200B (zero-width space)`. */
  name: string;
}

/** Returns the first character of a text that cannot be seen; undefined if there is none. A plain space can be seen. */
export function findHiddenCharacter(text: string): HiddenCharacter | undefined {
  const characters = Array.from(text);
  const index = characters.findIndex((character) => HIDDEN.test(character));
  const character = characters[index];
  return character === undefined ? undefined : { position: index + 1, name: characterName(character) };
}

/** Returns e.g. `U+200B (zero-width space)`, or `U+0410` for a character that is not known. */
export function characterName(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const name = known[code];
  const number = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  return name === undefined ? number : `${number} (${name})`;
}
