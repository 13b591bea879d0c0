/** Where the codes on cards come from, by card variable: `--voucher kpDiscountCode=attribute:code`. */

/** A further kind of source gets its own member here, a reader in {@link readers} and a case in {@link leafOf}. */
export type VoucherSource =
  /** One of its own for each card, from a file of codes. */
  | { kind: 'file'; path: string }
  /** An attribute of the customer. */
  | { kind: 'attribute'; name: string }
  /** As it stands in the preset, the same for everybody. */
  | { kind: 'constant' };

/** By the name of the card variable. */
export type Vouchers = ReadonlyMap<string, VoucherSource>;

export type VoucherReading =
  | { ok: true; variable: string; source: VoucherSource }
  | { ok: false; problem: string };

/** From what stands after the colon; undefined where it is of no use. */
const readers: Readonly<Record<string, (rest: string) => VoucherSource | undefined>> = {
  attribute: (name) => (name === '' ? undefined : { kind: 'attribute', name }),
  file: (path) => (path === '' ? undefined : { kind: 'file', path }),
  constant: (rest) => (rest === '' ? { kind: 'constant' } : undefined),
};

/** Reads `VARIABLE=KIND` or `VARIABLE=KIND:REST`. */
export function readVoucher(text: string): VoucherReading {
  const [, variable = '', kind = '', rest = ''] = /^([^=]+)=([a-z]+)(?::(.*))?$/.exec(text) ?? [];
  const source = Object.hasOwn(readers, kind) ? readers[kind]?.(rest) : undefined;
  return source === undefined
    ? {
        ok: false,
        problem:
          'not like kpDiscountCode=attribute:NAME, kpDiscountCode=file:codes.txt or kpDiscountCode=constant',
      }
    : { ok: true, variable, source };
}

/** What the card variable becomes; `text` is what the preset has. */
export function leafOf(source: VoucherSource, text: string): string {
  switch (source.kind) {
    case 'attribute':
      return /^[A-Za-z_]\w*$/.test(source.name)
        ? `{{ customer.${source.name} }}`
        : `{{ customer[${JSON.stringify(source.name)}] }}`;
    case 'file':
      return '{{ voucher }}';
    case 'constant':
      return text;
  }
}

/** The file of codes that the program has to name; undefined for none. Two would be one too many. */
export function codesFileOf(vouchers: Vouchers): { path?: string; problem?: string } {
  const paths = new Set(
    [...vouchers.values()].flatMap((source) => (source.kind === 'file' ? [source.path] : [])),
  );
  const [path, other] = paths;
  if (other !== undefined)
    return { problem: `--voucher: a program has one file of codes, not ${path} and ${other}` };
  return path === undefined ? {} : { path };
}
