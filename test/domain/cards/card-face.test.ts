import { describe, expect, it } from 'vitest';
import { contrastOf, fieldAreas } from '../../../src/domain/cards/card-design.ts';
import { type CardProgram, faceOf } from '../../../src/domain/cards/card-face.ts';
import { cardKinds } from '../../../src/domain/cards/card-kinds.ts';
import { variablesOf } from '../../../src/domain/cards/card-variables.ts';
import { cardTypes } from '../../../src/domain/jobs/program.ts';
import { cardExamples, programOfExample } from '../../../src/services/programs/card-examples.ts';

const loyalty: CardProgram = { name: 'gold-club', card: 'loyalty' };

const variables = {
  kpFirstName: 'Žofie',
  kpLastName: 'Nováková',
  kpCardNumber: '000123',
  kpPoints: '1240',
  kpTier: 'Gold',
  fieldValue: 'Welcome!',
  changeMessage: '01-01-2027',
};

const fieldsOf = (program: CardProgram, values: Readonly<Record<string, string>> = variables) => {
  const face = faceOf(program, values);
  return Object.fromEntries(
    fieldAreas.map((area) => [area, face[area].map(({ label, value }) => `${label}: ${value}`)]),
  );
};

describe('the guessed design', () => {
  it('places the fields of a loyalty card', () => {
    expect(fieldsOf(loyalty)).toEqual({
      header: ['Points: 1240'],
      primary: ['Name: Žofie Nováková'],
      secondary: ['Tier: Gold'],
      auxiliary: [],
      back: ['Card number: 000123'],
    });
    expect(faceOf(loyalty, variables)).toMatchObject({
      organization: 'Gold club',
      initials: 'GC',
      barcode: { value: '000123', format: 'qr' },
      isGuessed: true,
    });
  });

  it('shows every variable of the fifteen examples exactly once, and fills their front', () => {
    for (const example of cardExamples) {
      const program = programOfExample(example);
      const names = Object.keys(
        (program.source as { create: { templateVariables: object } }).create.templateVariables,
      );
      const face = faceOf(program, Object.fromEntries(names.map((name) => [name, name])));
      const shown = fieldAreas.flatMap((area) => face[area].flatMap(({ value }) => value.split(' ')));
      const expected = names.filter((name) => name !== 'fieldValue' && name !== 'changeMessage');
      expect(shown.toSorted(), program.name).toEqual(expected.toSorted());
      expect(face.primary.length, program.name).toBeGreaterThan(0);
    }
  });

  it.each(cardTypes)('has readable colors for %s', (card) => {
    const { background, strip, text, label } = cardKinds[card].colors;
    for (const [over, under] of [
      [text, background],
      [label, background],
      [text, strip],
      [label, strip],
    ] as const) {
      expect(contrastOf(over, under)).toBeGreaterThan(4.5);
    }
  });

  it('leaves out empty values, and the barcode if its value is empty', () => {
    const face = faceOf(loyalty, { ...variables, kpTier: ' ', kpCardNumber: '' });
    expect(face.barcode).toBeUndefined();
    expect(face.secondary).toEqual([]);
  });
});

describe('the design of a program', () => {
  it('decides on the places, labels, colors and the barcode', () => {
    const design = {
      organization: 'Kavárna',
      colors: { background: '#101010' },
      primary: ['kpTier'],
      secondary: ['kpFirstName kpLastName'],
      labels: { kpTier: 'Level' },
      barcode: { variable: 'kpPoints', format: 'code128' },
    } as const;
    const program: CardProgram = { ...loyalty, design };
    expect(fieldsOf(program)).toEqual({
      header: [],
      primary: ['Level: Gold'],
      secondary: ['Name: Žofie Nováková'],
      auxiliary: [],
      back: [],
    });
    expect(faceOf(program, variables)).toMatchObject({
      organization: 'Kavárna',
      colors: { background: '#101010', text: '#ffffff' },
      barcode: { value: '1240', format: 'code128' },
      isGuessed: false,
    });
    expect(faceOf({ ...loyalty, design: { barcode: false } }, variables).barcode).toBeUndefined();
  });
});

describe('the variables of a body', () => {
  it('reads a create and a JSON Patch, also with names that every object has', () => {
    expect({ ...variablesOf({ templateVariables: { kpPoints: 7, kpName: 'A' } }) }).toEqual({
      kpPoints: '7',
      kpName: 'A',
    });
    const patch = variablesOf([{ op: 'replace', path: '/templateVariables/kpName', value: 'B' }]);
    expect({ ...patch }).toEqual({ kpName: 'B' });
    expect(variablesOf({ templateVariables: {} })['constructor']).toBeUndefined();
    expect(faceOf({ ...loyalty, design: { primary: ['toString'] } }, variablesOf([])).primary).toEqual([]);
  });
});
