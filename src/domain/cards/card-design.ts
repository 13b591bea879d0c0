/** How previews draw the cards of a program. Passmachine owns the real design; passbridge sends only the variables. */

/** Symbologies that both wallets can show. */
export const barcodeFormats = ['qr', 'aztec', 'pdf417', 'code128'] as const;

export type BarcodeFormat = (typeof barcodeFormats)[number];

/** `#rrggbb` in lower case. */
export interface CardColors {
  background: string;
  /** Of the values. */
  text: string;
  /** Of the names above the values. */
  label: string;
  /** Band behind the primary fields, if the card has one. */
  strip: string;
}

/** A field: one variable, or several separated by a space that are shown as one value, e.g. `kpFirstName kpLastName`. */
export type FieldSource = string;

/** The places of a card's fields, from the top of the front to the back. */
export const fieldAreas = ['header', 'primary', 'secondary', 'auxiliary', 'back'] as const;

export type FieldArea = (typeof fieldAreas)[number];

/** The section `preview` of a program; what is absent is guessed from the card type and the names of the variables. */
export interface CardDesign extends Partial<Record<FieldArea, readonly FieldSource[]>> {
  /** Name of the brand beside the logo. */
  organization?: string;
  /** Path of an image, relative to the programs file. */
  logo?: string;
  colors?: Partial<CardColors>;
  /** Names of fields, by their source. */
  labels?: Readonly<Record<FieldSource, string>>;
  /** False: the card has none. */
  barcode?: false | { variable: string; format?: BarcodeFormat };
}

/** Returns the contrast of two colors by WCAG 2, from 1 to 21; readable text has at least 4.5. */
export function contrastOf(one: string, other: string): number {
  const [light, dark] = [luminanceOf(one), luminanceOf(other)].toSorted((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminanceOf(color: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The image of a logo. */
export interface CardLogo {
  type: 'image/png' | 'image/jpeg' | 'image/webp';
  bytes: Buffer;
}
