/** The source of the codes on cards, by card variable: `--voucher kpDiscountCode=attribute:code`. */

/** A new kind of source needs a member here, a parser in {@link parsers} and a case in {@link leafOf}. */
export type VoucherSource =
  /** Each card gets its own code from a file. */
  | { kind: 'file'; path: string }
  /** An attribute of the customer. */
  | { kind: 'attribute'; name: string }
  /** The preset's text, the same for every customer. */
  | { kind: 'constant' };

/** By the name of the card variable. */
export type Vouchers = ReadonlyMap<string, VoucherSource>;

export type ParsedVoucher =
  | { ok: true; variable: string; source: VoucherSource }
  | { ok: false; problem: string };

/** Parse the text after the colon; undefined if it is invalid. */
const parsers: Readonly<Record<string, (rest: string) => VoucherSource | undefined>> = {
  attribute: (name) => (name === '' ? undefined : { kind: 'attribute', name }),
  file: (path) => (path === '' ? undefined : { kind: 'file', path }),
  constant: (rest) => (rest === '' ? { kind: 'constant' } : undefined),
};

/** Parses `VARIABLE=KIND` or `VARIABLE=KIND:REST`. */
export function parseVoucher(text: string): ParsedVoucher {
  const [, variable = '', kind = '', rest = ''] = /^([^=]+)=([a-z]+)(?::(.*))?$/.exec(text) ?? [];
  const source = Object.hasOwn(parsers, kind) ? parsers[kind]?.(rest) : undefined;
  return source === undefined
    ? {
        ok: false,
        problem:
          'must be like kpDiscountCode=attribute:NAME, kpDiscountCode=file:codes.txt or kpDiscountCode=constant',
      }
    : { ok: true, variable, source };
}

/** Returns the new text of the card variable; `text` is the preset's. */
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

/** Returns the file of codes that the program must name, if any, or a problem if there are two. */
export function codesFileOf(vouchers: Vouchers): { path?: string; problem?: string } {
  const paths = new Set(
    [...vouchers.values()].flatMap((source) => (source.kind === 'file' ? [source.path] : [])),
  );
  const [path, other] = paths;
  if (other !== undefined)
    return { problem: `--voucher: a program has one file of codes, not ${path} and ${other}` };
  return path === undefined ? {} : { path };
}
