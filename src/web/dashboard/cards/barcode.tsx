/** A barcode as inline SVG. */

import { toSVG } from 'bwip-js/node';
import type { BarcodeFormat } from '../../../domain/cards/card-design.ts';

interface BarcodeProps {
  value: string;
  format: BarcodeFormat;
}

/** Characters; cards have a few dozen, and a larger code could not be scanned from a phone. */
const MAX_LENGTH = 300;

const encoders = {
  qr: { bcid: 'qrcode' },
  aztec: { bcid: 'azteccode' },
  pdf417: { bcid: 'pdf417' },
  code128: { bcid: 'code128', height: 12 },
} as const satisfies Readonly<Record<BarcodeFormat, { bcid: string; height?: number }>>;

export function Barcode({ value, format }: BarcodeProps) {
  const svg = value.length > MAX_LENGTH ? undefined : encode({ value, format });
  if (svg === undefined)
    return (
      <p class="wallet-barcode-problem">This value does not fit into a barcode of the format {format}.</p>
    );
  return (
    <div class={`wallet-barcode wallet-barcode-${format}`}>
      {/* Made of numbers alone: the value is drawn, not quoted. */}
      <div role="img" aria-label={`Barcode (${format})`} dangerouslySetInnerHTML={{ __html: svg }} />
      <bdi class="wallet-barcode-text">{value}</bdi>
    </div>
  );
}

/** Returns undefined if the format cannot encode the value, e.g. letters with diacritics in Code 128. */
function encode({ value, format }: BarcodeProps): string | undefined {
  // QR codes and the like hold bytes.
  const text = format === 'code128' ? value : Buffer.from(value, 'utf8').toString('latin1');
  try {
    return toSVG({ ...encoders[format], text, binarytext: true });
  } catch {
    return undefined;
  }
}
