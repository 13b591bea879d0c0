/** The section `preview` of a program: how the dashboard draws its cards. */

import { z } from 'zod';
import {
  barcodeFormats,
  type CardDesign,
  type FieldArea,
  fieldAreas,
} from '../../domain/cards/card-design.ts';
import { didYouMean } from '../../kit/did-you-mean.ts';
import type { PathProblem } from '../../kit/json-path.ts';

const color = z.string().regex(/^#[\da-f]{6}$/i, 'must be a color such as #1f2937');

const colorsShape = z.strictObject({
  background: color.optional().describe('Of the card.'),
  text: color.optional().describe('Of the values.'),
  label: color.optional().describe('Of the names above the values.'),
  strip: color.optional().describe('Of the band behind the primary fields, if the card type has one.'),
});

const areaDescriptions: Readonly<Record<FieldArea, string>> = {
  header: 'Beside the logo; the only fields that are visible in a stack of cards. Up to 2.',
  primary: 'The largest fields. Up to 2.',
  secondary: 'Below the primary fields. Up to 3.',
  auxiliary: 'Below the secondary fields. Up to 4.',
  back: 'On the back.',
};

const MAX_FIELDS: Readonly<Record<FieldArea, number>> = {
  header: 2,
  primary: 2,
  secondary: 3,
  auxiliary: 4,
  back: 50,
};

const areaShape = (area: FieldArea) =>
  z.array(z.string().min(1, 'is empty')).max(MAX_FIELDS[area]).optional().describe(areaDescriptions[area]);

const barcodeShape = z.strictObject({
  variable: z.string().describe('The variable that the barcode encodes.'),
  format: z.enum(barcodeFormats).optional().describe('Default: qr.'),
});

export const previewShape = z.strictObject({
  organization: z
    .string()
    .min(1, 'is empty')
    .max(100)
    .optional()
    .describe('Name of the brand. Default: the name of the program.'),
  logo: z
    .string()
    .min(1, 'is empty')
    .optional()
    .describe(
      'Path of a PNG, JPEG or WebP image, relative to this file. Default: the initials of the brand.',
    ),
  colors: colorsShape.optional().describe('Colors of the card, as #rrggbb.'),
  header: areaShape('header'),
  primary: areaShape('primary'),
  secondary: areaShape('secondary'),
  auxiliary: areaShape('auxiliary'),
  back: areaShape('back'),
  labels: z
    .record(z.string(), z.string().max(100))
    .optional()
    .describe('Names of fields, by their variable.'),
  barcode: z
    .union([z.literal(false), barcodeShape])
    .optional()
    .describe(
      'Default: a QR code of the first variable whose name ends with number, code or booking; false: none.',
    ),
});

type PreviewSource = z.infer<typeof previewShape>;

/** Returns the keys that are allowed at a path of the section, for "did you mean". */
export function previewKeysAt([section]: readonly PropertyKey[]): string[] {
  if (section === undefined) return Object.keys(previewShape.shape);
  if (section === 'colors') return Object.keys(colorsShape.shape);
  return section === 'barcode' ? Object.keys(barcodeShape.shape) : [];
}

/** Returns the fields whose variables the program's create does not set. The paths start at the program. */
export function previewProblems(
  preview: PreviewSource | undefined,
  variables: readonly string[],
): PathProblem[] {
  if (preview === undefined) return [];
  const known = new Set(variables);
  const check = (path: (string | number)[], source: string): PathProblem[] =>
    source
      .split(' ')
      .filter((name) => !known.has(name))
      .map((name) => ({
        path: ['preview', ...path],
        problem: `create sets no variable ${name}${didYouMean(name, [...variables])}`,
      }));
  const { labels = {}, barcode } = preview;
  return [
    ...fieldAreas.flatMap((area) =>
      (preview[area] ?? []).flatMap((source, index) => check([area, index], source)),
    ),
    ...Object.keys(labels).flatMap((source) => check(['labels', source], source)),
    ...(barcode ? check(['barcode', 'variable'], barcode.variable) : []),
  ];
}

/** Returns the design as previews use it. */
export function designOf({ colors = {}, ...preview }: PreviewSource): CardDesign {
  const lower = Object.entries(colors).map(([name, value]) => [name, value?.toLowerCase()]);
  // Leaves out absent members, which exact optional types do not allow to be undefined.
  return JSON.parse(
    JSON.stringify({ ...preview, colors: Object.fromEntries(lower) as unknown }),
  ) as CardDesign;
}
