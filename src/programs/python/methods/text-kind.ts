/** Methods that ask what characters a text has. */

import { bind } from '../arguments.ts';
import { isSpace } from '../code-points.ts';
import { hasOnly, isLowerText, isTitleText, isUpperText } from '../letter-case.ts';
import type { Method, Methods } from './method.ts';

/** Digits that are no decimal numerals: superscripts, circled digits and the like. */
const OTHER_DIGIT =
  /[\u{B2}-\u{B3}\u{B9}\u{1369}-\u{1371}\u{19DA}\u{2070}\u{2074}-\u{2079}\u{2080}-\u{2089}\u{2460}-\u{2468}\u{2474}-\u{247C}\u{2488}-\u{2490}\u{24EA}\u{24F5}-\u{24FD}\u{24FF}\u{2776}-\u{277E}\u{2780}-\u{2788}\u{278A}-\u{2792}\u{10A40}-\u{10A43}\u{10E60}-\u{10E68}\u{11052}-\u{1105A}\u{1F100}-\u{1F10A}]/u;

function question(name: string, answer: (self: string) => boolean): Method<string> {
  return (self, args, meter) => {
    bind(name, args, []);
    meter.text(self.length * 4);
    return answer(self);
  };
}

function each(name: string, isWanted: (character: string) => boolean): Method<string> {
  return question(name, (self) => hasOnly(self, isWanted));
}

export const kindMethods: Methods<string> = {
  isalnum: each('isalnum', (character) => /[\p{L}\p{N}]/u.test(character)),
  isalpha: each('isalpha', (character) => /\p{L}/u.test(character)),
  isascii: question('isascii', (self) => !/[^\0-\x7F]/.test(self)),
  isdecimal: each('isdecimal', (character) => /\p{Nd}/u.test(character)),
  isdigit: each('isdigit', (character) => /\p{Nd}/u.test(character) || OTHER_DIGIT.test(character)),
  isidentifier: question('isidentifier', (self) => /^[\p{XID_Start}_]\p{XID_Continue}*$/u.test(self)),
  islower: question('islower', isLowerText),
  isprintable: question('isprintable', (self) => !/[\p{C}\p{Z}]/u.test(self.replaceAll(' ', ''))),
  isspace: each('isspace', isSpace),
  istitle: question('istitle', isTitleText),
  isupper: question('isupper', isUpperText),
};
