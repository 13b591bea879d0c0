/** Text whose UTF-8 bytes were read in an encoding of one byte per character. */

import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { misdecoded } from '../../../src/kit/text/misdecoded.ts';

/** Decodes as browsers do: a byte that windows-1252 leaves undefined is a control character. */
const asWindows1252 = (text: string) => new TextDecoder('windows-1252').decode(Buffer.from(text));

describe('text that was decoded twice', () => {
  it.each(['Nová', 'Žofie', 'Šárka Říhová', 'Dvořáček', 'Müller', 'Hélène Garçon', 'Ołłówek ąż', 'it’s 5 €'])(
    'is recognized as %s',
    (meant) => {
      expect(misdecoded(asWindows1252(meant))).toBe(meant);
    },
  );

  it.each(['Nová', 'Jiří', 'Müller'])('is recognized as %s from windows-1250', (meant) => {
    expect(misdecoded(iconv.decode(Buffer.from(meant), 'windows-1250'))).toBe(meant);
  });
});

describe('sound text', () => {
  it.each([
    'Nová',
    'Žofie Šťastná',
    'Ångström',
    'Ärzte',
    'São Paulo',
    'PÂINE',
    'PĂŞUNE',
    'DĹŽKA',
    'naïve',
    'Đặng',
    'Łódź',
    '“Â”',
    '日本',
    '😀',
    'Ελένη',
    'jana@example.com',
    'Ñandú',
    'ÀÉÎ',
    'Ã',
    'â',
    '¡Hola!',
    '½',
  ])('is left alone: %s', (text) => {
    expect(misdecoded(text)).toBeUndefined();
  });
});
