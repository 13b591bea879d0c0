/** Arranges the variables of a card as a wallet shows them: approximately, since Passmachine owns the design. */

import type { Program } from '../jobs/program.ts';
import {
  type BarcodeFormat,
  type CardColors,
  type FieldArea,
  fieldAreas,
  type FieldSource,
} from './card-design.ts';
import { type CardKind, cardKinds, type CardStyle } from './card-kinds.ts';
import { type CardVariables, NOTIFICATION_VARIABLE } from './card-variables.ts';

/** What a preview needs to know about a program. */
export type CardProgram = Pick<Program, 'name' | 'card' | 'design'>;

export function cardProgramOf({ name, card, design }: CardProgram): CardProgram {
  return { name, card, ...(design !== undefined && { design }) };
}

export interface CardField {
  source: FieldSource;
  label: string;
  value: string;
}

export interface CardFace extends Record<FieldArea, readonly CardField[]> {
  program: string;
  style: CardStyle;
  organization: string;
  /** Shown where there is no logo. */
  initials: string;
  /** Whether the program names an image. */
  hasLogo: boolean;
  colors: CardColors;
  barcode?: { value: string; format: BarcodeFormat };
  /** Whether the program has no preview section. */
  isGuessed: boolean;
}

/** Fields that fit into an area of the front. */
const room: Readonly<Record<Exclude<FieldArea, 'back'>, number>> = {
  header: 2,
  primary: 2,
  secondary: 3,
  auxiliary: 4,
};

/** Variables that cards hold on their backs: long, or not for everyone to see. */
const backNames = new Set(['conditions', 'note', 'wifi', 'pin', 'transport', 'address']);

/** Returns the arranged fields of a card. A design that places no field leaves the arrangement to the habits of the card type. */
export function faceOf({ name, card, design }: CardProgram, variables: CardVariables): CardFace {
  const kind = cardKinds[card];
  const organization = design?.organization ?? humanize(name);
  const barcode = barcodeOf(design?.barcode, variables);
  const isPlaced = fieldAreas.some((area) => design?.[area] !== undefined);
  const sources = isPlaced ? (design ?? {}) : arrange(kind, variables, barcode?.variable);
  const fieldsIn = (area: FieldArea): CardField[] =>
    (sources[area] ?? []).flatMap((source) => {
      const value = valueOf(source, variables);
      return value === undefined
        ? []
        : [{ source, label: design?.labels?.[source] ?? labelOf(source), value }];
    });
  const areas = Object.fromEntries(fieldAreas.map((area) => [area, fieldsIn(area)])) as Record<
    FieldArea,
    CardField[]
  >;
  return {
    ...areas,
    program: name,
    style: kind.style,
    organization,
    initials: initialsOf(organization),
    hasLogo: design?.logo !== undefined,
    colors: { ...kind.colors, ...design?.colors },
    ...(barcode !== undefined && { barcode: { value: barcode.value, format: barcode.format } }),
    isGuessed: design === undefined,
  };
}

/** Distributes the variables over the areas by the habits of the card type. */
function arrange(
  { header, primary, secondary }: CardKind,
  variables: CardVariables,
  barcode: string | undefined,
): Record<FieldArea, FieldSource[]> {
  const left = new Map<string, FieldSource>();
  const names = Object.keys(variables).filter((name) => !notShown.has(name));
  const first = names.find((name) => stemOf(name) === 'firstname');
  const last = names.find((name) => stemOf(name) === 'lastname');
  for (const name of names) {
    if (name === last && first !== undefined) continue;
    if (name === first && last !== undefined) left.set('name', `${first} ${last}`);
    else left.set(stemOf(name), name);
  }
  const take = (stems: readonly string[]): FieldSource[] =>
    stems.flatMap((stem) => {
      const source = left.get(stem);
      left.delete(stem);
      return source === undefined ? [] : [source];
    });
  const placed = { header: take(header), primary: take(primary), secondary: take(secondary) };
  const hidden = take([...left.keys()].filter((stem) => backNames.has(stem)));
  // The wallet prints no text under most barcodes, so its number is on the back.
  const number = barcode === undefined ? [] : take([stemOf(barcode)]);
  if (placed.primary.length === 0) placed.primary.push(...take([...left.keys()].slice(0, 1)));
  placed.secondary.push(...take([...left.keys()].slice(0, room.secondary - placed.secondary.length)));
  const auxiliary = take([...left.keys()].slice(0, room.auxiliary));
  return { ...placed, auxiliary, back: [...number, ...hidden, ...left.values()] };
}

/** A change message is the date until which a notification counts. */
const notShown = new Set([NOTIFICATION_VARIABLE, 'changeMessage']);

function barcodeOf(
  chosen: NonNullable<CardProgram['design']>['barcode'],
  variables: CardVariables,
): { variable: string; value: string; format: BarcodeFormat } | undefined {
  if (chosen === false) return undefined;
  const variable =
    chosen?.variable ?? Object.keys(variables).find((name) => /(?:number|code|booking|barcode)$/i.test(name));
  const value = variable === undefined ? '' : (variables[variable] ?? '').trim();
  return variable === undefined || value === ''
    ? undefined
    : { variable, value, format: chosen?.format ?? 'qr' };
}

/** Returns undefined if the card has none of the variables; an empty value is not shown either. */
function valueOf(source: FieldSource, variables: CardVariables): string | undefined {
  const values = source.split(' ').map((name) => (variables[name] ?? '').trim());
  const value = values.filter((part) => part !== '').join(' ');
  return value === '' ? undefined : value;
}

/** Returns the label of a field, e.g. `Points to next tier` for `kpPointsToNextTier`. */
function labelOf(source: FieldSource): string {
  const [first = '', second] = source.split(' ');
  if (second !== undefined && stemOf(first) === 'firstname') return 'Name';
  return humanize(withoutPrefix(first));
}

function humanize(name: string): string {
  const words = name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll(/[_-]+/g, ' ')
    .trim()
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Templates prefix their variables, as in `kpFirstName`. */
function withoutPrefix(name: string): string {
  return name.replace(/^kp(?=[A-Z])/, '');
}

function stemOf(name: string): string {
  return withoutPrefix(name).replaceAll(/[_-]/g, '').toLowerCase();
}

function initialsOf(organization: string): string {
  const words = organization.split(/\s+/).filter((word) => /^[\p{L}\d]/u.test(word));
  const initials = words.slice(0, 2).map((word) => String.fromCodePoint(word.codePointAt(0) ?? 0));
  return initials.join('').toUpperCase();
}
